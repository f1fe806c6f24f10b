"""The control surface of the local store: look inside, move time, make things finish. Never deployed."""

from local.control.app import create_control

__all__ = ["create_control"]
