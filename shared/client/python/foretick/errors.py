"""What ends a client."""


class Refused(Exception):
    """The server refuses for a reason that another attempt would meet again. Mend what it says."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"the server refused with {code}: {reason}")
        self.code = code


OUR_FAULT = {1002, 1003, 1007, 1008, 1009, 1010}


def may_reconnect(code: int) -> bool:
    """Whether a client that was closed with this code should connect again."""
    return not (3500 <= code <= 3999 or code in OUR_FAULT)
