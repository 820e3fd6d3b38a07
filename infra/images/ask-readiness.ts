// Ends with 0 where the service in this container says at this port that it is ready; for health checks.
const [, , port] = process.argv;
const { ok } = await fetch(`http://127.0.0.1:${port}/readyz`);
process.exitCode = ok ? 0 : 1;
