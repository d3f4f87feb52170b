"""Tools that agents may call. One file is one tool: a module here with a `TOOL` is found by itself.

For the engine:

    settings = ToolSettings(state_folder=nova_home / "run" / "tools")   # context.py; the rest has defaults
    registry = ToolRegistry.load()                     # registry.py; once per process
    sandbox = await self_test(settings)                # sandbox/self_test.py; once at start, 0.1 s
    offered = registry.available(                      # what a model is offered
        None | ["read_file", ...], tier=SandboxTier(pod.sandbox), sandbox=sandbox)
    for tool in offered: tool.name, tool.description, tool.schema(), tool.effect
    tool = registry.get(name)                          # None: no such tool
    outcome = await tool.run(arguments, context)       # arguments: dict or JSON text
    outcome.ok, outcome.text (to the model), outcome.summary (one line, to events)
    tool.effect.may_run_again                          # after a crash: begun, not ended

    context = ToolContext(task_id=, agent_id=, workspace=, workspace_root=, settings=, lease=,
                          tier=SandboxTier(pod.sandbox), sandbox=sandbox, memory=ToolMemory | None)
    before = now(); <claim>; lease = ToolLease(before + 30)      # lease.py; `now()` counts from boot
    before = now(); <heartbeat succeeded>; lease.extend(before + 30)

`workspace` must exist: the engine makes it. `run` raises nothing but what is a defect of Nova; what a
model can do wrong comes back as an outcome with ok False. `ToolMemory` (context.py) is what the
engine adapts its memory-service client to; a failure of that service is raised as ToolError.

A running tool is killed by its supervisor at `lease.until`, at its time-out, when the asyncio task that
awaits `run` is cancelled, and when the worker dies; nothing that it started outlives it.
`registry.listing(sandbox)` is the body of GET /api/v1/tools.
"""
