"""What a command can reach from the sandbox, and what it cannot."""

import os
import socket
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from services.orchestrator.tools.context import SandboxTier, ToolContext
from services.orchestrator.tools.run_shell import TOOL
from services.orchestrator.tools.sandbox.report import UNTESTED


async def shell(command: str, context: ToolContext) -> str:
    return (await TOOL.run({"command": command}, context)).text


class TestResult:
    async def test_output_and_exit_code_are_returned(self, shell_context: ToolContext):
        outcome = await TOOL.run({"command": "echo out; echo err >&2; exit 3"}, shell_context)
        assert not outcome.ok
        assert outcome.text == "out\nerr\n[exit code 3]"

    async def test_success_is_ok(self, shell_context: ToolContext):
        outcome = await TOOL.run({"command": "printf 'Grüße'"}, shell_context)
        assert outcome.ok
        assert outcome.text == "Grüße\n[exit code 0]"

    async def test_bytes_that_are_not_utf8_are_replaced(self, shell_context: ToolContext):
        assert await shell(r"printf 'a\xffb'", shell_context) == "a�b\n[exit code 0]"

    async def test_a_printed_nul_can_be_stored(self, shell_context: ToolContext):
        assert await shell(r"printf 'a\0b'", shell_context) == "a�b\n[exit code 0]"

    async def test_ten_megabytes_are_cut_in_the_middle(self, shell_context: ToolContext):
        command = "echo first; head -c 10000000 /dev/zero | tr '\\0' x; echo; echo last"
        text = await shell(command, shell_context)
        assert text.startswith("first\nxxx")
        assert text.endswith("xxx\nlast\n[exit code 0]")
        assert "[cut: " in text
        assert len(text) < shell_context.settings.output_limit + 200

    async def test_a_timeout_keeps_what_was_printed(self, shell_context: ToolContext):
        arguments = {"command": "echo begun; sleep 60", "timeout_seconds": 1}
        outcome = await TOOL.run(arguments, shell_context)
        assert not outcome.ok
        assert outcome.text == "begun\n[killed: it ran longer than 1 seconds]"

    async def test_a_killed_command_tells_by_its_code(self, shell_context: ToolContext):
        assert await shell("kill -9 $$", shell_context) == "[exit code 137]"

    async def test_a_nul_in_the_command_is_refused(self, shell_context: ToolContext):
        assert not (await TOOL.run({"command": "echo \0"}, shell_context)).ok


class TestFiles:
    async def test_the_workspace_is_the_current_folder(self, shell_context: ToolContext):
        assert await shell("pwd; echo hi > made.txt", shell_context) == "/workspace\n[exit code 0]"
        made = shell_context.workspace / "made.txt"
        assert made.read_text() == "hi\n"
        assert made.stat().st_uid == os.geteuid()

    async def test_nothing_outside_is_visible(self, shell_context: ToolContext):
        secret = shell_context.workspace.parent / "secret.txt"
        for path in (secret, Path.home(), Path("/root"), Path("/etc/shadow"), Path(__file__)):
            assert "No such file" in await shell(f"cat '{path}'", shell_context)
        visible = (await shell("ls -A /", shell_context)).split()
        assert {"home", "root", "var", "run", "sys", "opt", "mnt", "work"}.isdisjoint(visible)

    @pytest.mark.parametrize("place", ["/", "/usr", "/etc", "/usr/bin", "/dev", "/proc", "/.."])
    async def test_writes_outside_fail(self, shell_context: ToolContext, place: str):
        assert not (await TOOL.run({"command": f"echo x > {place}/evil"}, shell_context)).ok

    async def test_a_link_from_the_workspace_leads_nowhere(self, shell_context: ToolContext):
        (shell_context.workspace / "link").symlink_to(shell_context.workspace.parent / "secret.txt")
        assert "No such file" in await shell("cat link", shell_context)

    async def test_temporary_files_work_and_do_not_stay(self, shell_context: ToolContext):
        assert "kept" in await shell("echo kept > /tmp/f && cat /tmp/f", shell_context)
        assert "No such file" in await shell("cat /tmp/f", shell_context)

    async def test_temporary_files_are_bounded(self, shell_context: ToolContext):
        for place in ("/tmp", "/dev/shm"):
            text = await shell(f"head -c 600M /dev/zero > {place}/f", shell_context)
            assert "No space left" in text

    async def test_set_user_id_files_cannot_be_made(self, shell_context: ToolContext):
        """Root's tools write as root: such a file would be a way to root on the host."""
        code = "import os; os.close(os.open('b', os.O_CREAT | os.O_WRONLY, 0o4755))"
        await shell(f'cp /bin/true a; chmod u+s a; python3 -c "{code}"', shell_context)
        for path in shell_context.workspace.iterdir():
            assert not path.stat().st_mode & (stat.S_ISUID | stat.S_ISGID)

    async def test_the_isolated_tier_has_no_files(self, shell_context: ToolContext):
        (shell_context.workspace / "f").write_text("x")
        isolated = replace(shell_context, tier=SandboxTier.ISOLATED)
        text = await shell("pwd; ls /workspace", isolated)
        assert text.startswith("/tmp\n")
        assert "No such file" in text


class TestKernel:
    async def test_there_are_no_capabilities(self, shell_context: ToolContext):
        text = await shell("grep -E '^Cap|NoNewPrivs|Seccomp:' /proc/self/status", shell_context)
        values = dict(line.split(":\t") for line in text.splitlines() if ":\t" in line)
        assert {value for name, value in values.items() if name.startswith("Cap")} == {"0" * 16}
        assert values["NoNewPrivs"] == "1"
        assert values["Seccomp"] == "2"

    async def test_kernel_settings_cannot_be_written(self, shell_context: ToolContext):
        """An owner needs no capability, and root's tools own /proc/sys. Opening is enough to see."""
        text = await shell(
            "find /proc/sys /proc/irq /proc/sysrq-trigger -type f 2>/dev/null | while read f; do "
            '(: >> "$f") 2>/dev/null && echo "writable $f"; done; true',
            shell_context,
        )
        assert text == "[exit code 0]"

    async def test_device_files_of_the_machine_keep_their_mode(self, shell_context: ToolContext):
        before = Path("/dev/null").stat()
        await shell("chmod 600 /dev/null", shell_context)
        after = Path("/dev/null").stat()
        assert (before.st_mode, before.st_ctime_ns) == (after.st_mode, after.st_ctime_ns)
        assert (await TOOL.run({"command": "echo x > /dev/null"}, shell_context)).ok

    @pytest.mark.parametrize(
        "command",
        [
            "unshare -U true",
            "unshare -m true",
            "mount -t tmpfs none /tmp",
            "umount /proc",
            "chroot / true",
            "strace -p 1",
            "nsenter -t 1 -m true",
            "python3 -c 'import socket; socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)'",
            "python3 -c 'import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)'",
            "python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)'",
            "python3 -c 'import fcntl,termios; fcntl.ioctl(0, termios.TIOCSTI, b\"x\")'",
        ],
    )
    async def test_privileged_calls_fail(self, shell_context: ToolContext, command: str):
        assert not (await TOOL.run({"command": command}, shell_context)).ok

    async def test_other_processes_are_not_visible(self, shell_context: ToolContext):
        pids = (await shell("ls /proc | grep -c '^[0-9]'", shell_context)).split()[0]
        assert int(pids) < 8
        assert not (await TOOL.run({"command": f"kill -0 {os.getpid()}"}, shell_context)).ok


class TestEnvironment:
    async def test_it_holds_no_secret(
        self, shell_context: ToolContext, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setenv("NOVA_SECRET_KEY", "do-not-tell")
        text = await shell("env; cat /proc/*/environ | tr '\\0' '\\n'", shell_context)
        assert "do-not-tell" not in text
        names = {line.partition("=")[0] for line in text.splitlines() if "=" in line}
        known = {"HOME", "USER", "LANG", "TERM", "TMPDIR", "SHELL", "PATH", "PWD", "SHLVL", "_"}
        assert names <= known

    async def test_no_descriptor_of_the_worker_is_inherited(self, shell_context: ToolContext):
        text = await shell("for f in /proc/self/fd/*; do readlink $f; done", shell_context)
        assert "lock" not in text
        assert str(shell_context.workspace) not in text


class TestNetwork:
    async def test_loopback_of_the_host_is_not_reachable(self, shell_context: ToolContext):
        with closing(socket.create_server(("127.0.0.1", 0))) as listener:
            listener.settimeout(0.2)
            port = listener.getsockname()[1]
            outcome = await TOOL.run(
                {"command": f"echo > /dev/tcp/127.0.0.1/{port}"}, shell_context
            )
            assert not outcome.ok
            with pytest.raises(TimeoutError):
                listener.accept()

    async def test_an_abstract_socket_of_the_host_is_not_reachable(
        self, shell_context: ToolContext
    ):
        name = f"nova-test-{os.getpid()}"
        code = f"import socket; socket.socket(socket.AF_UNIX).connect('\\\\0{name}')"
        with closing(socket.socket(socket.AF_UNIX)) as listener:
            listener.bind(f"\0{name}")
            listener.listen()
            outcome = await TOOL.run({"command": f'python3 -c "{code}"'}, shell_context)
        assert "refused" in outcome.text.lower()

    async def test_a_server_of_its_own_is(self, shell_context: ToolContext):
        code = (
            "import socket; s = socket.create_server(('127.0.0.1', 0)); "
            "socket.create_connection(s.getsockname()); print('connected')"
        )
        assert "connected" in await shell(f'python3 -c "{code}"', shell_context)


class TestOff:
    async def test_without_a_self_test_nothing_runs(self, shell_context: ToolContext):
        untested = replace(shell_context, sandbox=UNTESTED)
        outcome = await TOOL.run({"command": "touch made"}, untested)
        assert not outcome.ok
        assert not (untested.workspace / "made").exists()

    async def test_the_host_tier_needs_its_setting(self, shell_context: ToolContext):
        host = replace(shell_context, tier=SandboxTier.HOST)
        outcome = await TOOL.run({"command": "touch made"}, host)
        assert "SHELL_SANDBOX=host" in outcome.text
        allowed = replace(host, sandbox=replace(host.sandbox, host_allowed=True))
        assert (await TOOL.run({"command": "touch made"}, allowed)).ok
        assert (host.workspace / "made").exists()
