"""What is done with git, as shell scripts for the sandbox.

Repositories are written by agents, and git runs what their configuration names (hooks, filters,
file monitors, drivers). So git runs in the sandbox only, and sees just the folders it works on:
/workspace, and where two repositories meet, /worktree. The settings here keep the usual hooks from
running even there.
"""

from services.orchestrator.tools.sandboxed_git import PRELUDE

# $1 branch, $2 a commit or nothing. Made anew after a kill; from the branch itself if that was kept
# before, else from that commit if it is there (it was made by a task that this one was forked off).
BEGIN = (
    PRELUDE
    + """
if [ ! -e .git ]; then git init -q -b main .; fi
if [ ! -d .git ] || [ -L .git ]; then
    echo "The workspace is a linked git worktree or a submodule; its repository is elsewhere." >&2
    exit 1
fi
mkdir -p .git/info
grep -qsxF '/.nova-worktrees/' .git/info/exclude || echo '/.nova-worktrees/' >>.git/info/exclude
if ! git rev-parse -q --verify 'HEAD^{commit}' >/dev/null; then
    git add --ignore-errors -A || :
    git commit -q --no-verify --allow-empty -m "What was there before"
fi
start=$(git rev-parse -q --verify "refs/heads/$1^{commit}" ||
    git rev-parse -q --verify "${2:-none}^{commit}" || git rev-parse HEAD)
find /worktree -mindepth 1 -delete
git clone -q --no-hardlinks --no-checkout -- /workspace /worktree
cd /worktree
git remote remove origin
git config user.name Nova
git config user.email nova@localhost
git checkout -q -B "$1" "$start"
git rev-parse HEAD
"""
)

# $1 branch, $2 message; /workspace is the task's own repository. What counts is its files as they
# are, whatever the agent has checked out meanwhile.
COMMIT = (
    PRELUDE
    + """
rm -f .git/index.lock .git/HEAD.lock ".git/refs/heads/$1.lock"
git symbolic-ref HEAD "refs/heads/$1"
git add -A
git diff --cached --quiet HEAD -- || git commit -q --no-verify -m "$2"
"""
)

# $1 branch; /worktree, which can't be written, is the task's own repository. A lock of the branch was
# left by a kill: nobody else writes it, and not two at once. Attributes are those of the workspace,
# so that a task can't hide its changes from its reviewers with some of its own.
FETCH = (
    PRELUDE
    + """
rm -f ".git/refs/heads/$1.lock"
git fetch -q --no-tags --no-write-fetch-head --no-recurse-submodules --no-auto-maintenance \
    /worktree "+refs/heads/$1:refs/heads/$1"
git rev-parse "$1"
base=$(git merge-base HEAD "$1")
git diff --stat=100 --no-ext-diff --no-textconv --no-color "$base" "$1" --
echo
git diff --no-ext-diff --no-textconv --no-color "$base" "$1" --
"""
)

# $1 branch, $2 message. A merge that is under way is given up only if it is this one, left by a kill.
MERGE = (
    PRELUDE
    + """
give_up() {
    if [ "$(git rev-parse -q --verify MERGE_HEAD)" = "$(git rev-parse "$1^{commit}")" ]; then
        git merge --abort
    fi
}
give_up "$1" || :
if git merge-base --is-ancestor "$1" HEAD; then git rev-parse HEAD; exit 0; fi
if git merge -q --ff --no-verify --no-edit -m "$2" "refs/heads/$1" >&2; then
    git rev-parse HEAD
else
    give_up "$1" || :
    exit 1
fi
"""
)
