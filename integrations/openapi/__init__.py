"""What a REST contract says of itself: shapes, operations, and the OpenAPI document made of them and of the routes."""

from .contract import Contract, Operation, parameter

__all__ = ["Contract", "Operation", "parameter"]
