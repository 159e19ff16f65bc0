"""A tool made of a typed Python function: its name, docstring and signature are what the model is told."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError, create_model

from assay.errors import BadSpec
from assay.records import ToolSpec
from harnesses.tools.tool import BadArguments, ToolContext, ToolResult
from sandbox.protocol import Sandbox

Answer = str | ToolResult
ToolFunction = Callable[..., Answer | Awaitable[Answer]]


@dataclass(frozen=True, kw_only=True)
class FunctionTool:
    """A tool that calls a function in this process, with the sandbox where the function takes one."""

    spec: ToolSpec
    function: ToolFunction
    arguments: type[BaseModel]
    needs: frozenset[str] = frozenset()

    async def call(self, arguments: Mapping[str, JsonValue], *, context: ToolContext) -> ToolResult:
        """Check the arguments against the signature, and call the function."""
        try:
            values = self.arguments.model_validate(dict(arguments))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise BadArguments(f"{where}: {first['msg']}") from error
        given: dict[str, Any] = {name: getattr(values, name) for name in type(values).model_fields}
        if self.needs:
            given["sandbox"] = context.sandbox
        answer = self.function(**given)
        if inspect.isawaitable(answer):
            answer = await answer
        return answer if isinstance(answer, ToolResult) else ToolResult(answer)


def tool(function: ToolFunction, *, needs: frozenset[str] = frozenset()) -> FunctionTool:
    """Make a tool of a function with type hints; raises BadSpec.

    The model is told the function's name, the first paragraph of its docstring, and a JSON schema of its
    parameters. A function that needs a sandbox names the capabilities in `needs` and takes it as the
    parameter `sandbox`.

    >>> def add(a: int, b: int) -> str:
    ...     '''Add two numbers.'''
    ...     return str(a + b)
    >>> tool(add).spec.parameters["required"]
    ['a', 'b']
    """
    name = function.__name__
    description = (inspect.getdoc(function) or "").partition("\n\n")[0].replace("\n", " ")
    if not description:
        raise BadSpec(
            f"The tool {name!r} has no docstring.",
            remedy="Describe in it what the model may use the tool for.",
        )
    try:
        signature = inspect.signature(function, eval_str=True)
    except NameError as error:
        raise BadSpec(f"The type hints of the tool {name!r} name something unknown: {error}.") from error
    fields = {
        parameter.name: _field(name, parameter)
        for parameter in signature.parameters.values()
        if parameter.annotation is not Sandbox and parameter.name != "sandbox"
    }
    arguments = create_model(name, __config__={"extra": "forbid"}, **fields)  # type: ignore[call-overload]
    spec = ToolSpec(name=name, description=description, parameters=_schema(arguments))
    return FunctionTool(spec=spec, function=function, arguments=arguments, needs=needs)


def _field(tool_name: str, parameter: inspect.Parameter) -> tuple[Any, Any]:
    """Annotation and default of a parameter, as pydantic's `create_model` takes them."""
    if parameter.kind in {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}:
        raise BadSpec(
            f"The tool {tool_name!r} takes any number of arguments, which a JSON schema cannot say.",
            remedy="Name each parameter.",
        )
    if parameter.annotation is inspect.Parameter.empty:
        raise BadSpec(
            f"The parameter {parameter.name!r} of the tool {tool_name!r} has no type hint.",
            remedy="Add one, such as `text: str`.",
        )
    return parameter.annotation, ... if parameter.default is inspect.Parameter.empty else parameter.default


def _schema(arguments: type[BaseModel]) -> dict[str, JsonValue]:
    schema = arguments.model_json_schema()
    schema.pop("title", None)
    for parameter in schema.get("properties", {}).values():
        parameter.pop("title", None)
    return TypeAdapter(dict[str, JsonValue]).validate_python(schema)
