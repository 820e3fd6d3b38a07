// Command centrifuge is Centrifugo's part in the edge bench: a server on the library that Centrifugo is built on, set up as Centrifugo is
// by default. It publishes what comes through its standard input, and answers in lines of JSON.
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"

	"github.com/centrifugal/centrifuge"
)

const (
	channel = "forecasts"
	// Of prepared frames; a second's worth of what the bench publishes is 4 MB.
	preparedCacheBytes = 64 << 20
)

func main() {
	deflate := flag.Bool("deflate", false, "offer permessage-deflate, frames deflated once for all")
	idle := flag.Bool("idle", false, "connections without a subscription; memory is given back before each mark")
	version := flag.Bool("version", false, "say what this is")
	flag.Parse()
	if *version {
		fmt.Println(name())
		return
	}
	if err := run(*deflate, *idle); err != nil {
		log.Fatal(err)
	}
}

func name() string {
	build, _ := debug.ReadBuildInfo()
	library := slices.IndexFunc(build.Deps, func(one *debug.Module) bool {
		return one.Path == "github.com/centrifugal/centrifuge"
	})
	return fmt.Sprintf("centrifuge %s (%s, GOMAXPROCS %d)", build.Deps[library].Version, build.GoVersion, runtime.GOMAXPROCS(0))
}

// run serves until the standard input ends.
func run(deflate, idle bool) error {
	node, err := startNode(idle)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		log.Fatal(http.Serve(listener, centrifuge.NewWebsocketHandler(node, websocketConfig(deflate))))
	}()
	answer(map[string]any{"kind": "listening", "port": listener.Addr().(*net.TCPAddr).Port})
	return takeOrders(node, bufio.NewReaderSize(os.Stdin, 1<<20), idle)
}

// startNode starts a node on the broker in memory, without history; whoever connects is let in, and has the channel.
//
// The defaults of Centrifugo 6 (internal/configtypes/types.go, internal/app/node.go) are those of the library: no delay of writes (its
// PRO edition has that), at most 16 messages a frame, 1 MiB of queue for a client.
func startNode(idle bool) (*centrifuge.Node, error) {
	node, err := centrifuge.New(centrifuge.Config{})
	if err != nil {
		return nil, err
	}
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		reply := centrifuge.ConnectReply{Credentials: &centrifuge.Credentials{}}
		if !idle {
			reply.Subscriptions = map[string]centrifuge.SubscribeOptions{channel: {}}
		}
		return reply, nil
	})
	return node, node.Run()
}

// websocketConfig is, without deflate, Centrifugo's default. With it, Centrifugo deflates at level 1, and for each client anew; the
// library can, as an experiment, deflate once for all, which is what ours is to be held against.
func websocketConfig(deflate bool) centrifuge.WebsocketConfig {
	if !deflate {
		return centrifuge.WebsocketConfig{}
	}
	return centrifuge.WebsocketConfig{
		Compression:                         true,
		CompressionLevel:                    1,
		CompressionPreparedMessageCacheSize: preparedCacheBytes,
	}
}

// takeOrders reads messages with their length in front: each is published; an empty one asks for a mark.
func takeOrders(node *centrifuge.Node, orders io.Reader, idle bool) error {
	var head [4]byte
	for {
		if _, err := io.ReadFull(orders, head[:]); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		message := make([]byte, binary.LittleEndian.Uint32(head[:]))
		if len(message) == 0 {
			if err := mark(idle); err != nil {
				return err
			}
			continue
		}
		if _, err := io.ReadFull(orders, message); err != nil {
			return err
		}
		if _, err := node.Publish(channel, message); err != nil {
			return err
		}
	}
}

// mark answers with the time of all threads, user and system, since the process began, and the memory that it holds.
func mark(idle bool) error {
	if idle {
		debug.FreeOSMemory()
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return err
	}
	seconds := func(time syscall.Timeval) float64 { return float64(time.Sec) + float64(time.Usec)/1e6 }
	rss, err := residentKib()
	if err != nil {
		return err
	}
	answer(map[string]any{"kind": "marked", "cpuSeconds": seconds(usage.Utime) + seconds(usage.Stime), "rssKib": rss})
	return nil
}

func residentKib() (int, error) {
	file, err := os.Open("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	defer file.Close()
	var size, resident int
	if _, err := fmt.Fscan(file, &size, &resident); err != nil {
		return 0, err
	}
	return resident * os.Getpagesize() / 1024, nil
}

func answer(message map[string]any) {
	text, err := json.Marshal(message)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
}
