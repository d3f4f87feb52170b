"""Tools that agents may call. One file is one tool: a module here with a `TOOL` is found by itself.

For the engine:

    registry = ToolRegistry.load()                     # registry.py; once per process
    sandbox = await self_test(settings)                # sandbox/self_test.py; once at start -> SandboxReport
    offered = registry.available(                      # what a model is offered
        allowed=None | ["read_file", ...], tier=SandboxTier(pod.sandbox), sandbox=sandbox)
    for tool in offered: tool.name, tool.description, tool.schema(), tool.effect
    tool = registry.get(name)                          # None: no such tool
    outcome = await tool.run(arguments, context)       # arguments: dict or JSON text; never raises
    outcome.ok, outcome.text (to the model), outcome.summary (to events)
    tool.effect.may_run_again                          # after a crash: begun, not ended

    context = ToolContext(task_id=, agent_id=, workspace=, workspace_root=, settings=ToolSettings(lock_folder=),
                          lease=ToolLease(until), tier=SandboxTier, memory=ToolMemory | None)   # context.py
    lease = ToolLease(now() + 30)                      # lease.py; `now()` is the boot-time clock
    before = now(); <heartbeat succeeded>; lease.extend(before + 30)

A running tool is killed by its supervisor at `lease.until`, at its time-out, when the asyncio task that
awaits `run` is cancelled, and when the worker dies; nothing that it started outlives it.
`registry.listing(sandbox)` is the body of GET /api/v1/tools.
"""
