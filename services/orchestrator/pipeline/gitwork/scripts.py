"""What is done with git, as shell scripts for the sandbox.

Repositories are written by agents, and git runs what their configuration names (hooks, filters,
file monitors, drivers). So git runs in the sandbox only, and sees just the folders it works on:
/workspace, and where two repositories meet, /worktree. The settings here keep the usual hooks from
running even there.
"""

from services.orchestrator.pipeline.gitwork.moving import MOVING
from services.orchestrator.tools.sandboxed_git import PRELUDE

# $1 branch, $2 a commit or nothing. Made anew after a kill; from the branch itself if that was kept
# before, else from that commit if it is there (it was made by a task that this one was forked off).
BEGIN = (
    PRELUDE
    + MOVING
    + """
if [ ! -e .git ] || { [ -d .git ] && [ ! -e .git/HEAD ]; }; then
    rm -f .git/config.lock .git/HEAD.lock
    git init -q -b main .
fi
if [ ! -d .git ] || [ -L .git ]; then
    echo "The workspace is a linked git worktree or a submodule; its repository is elsewhere." >&2
    exit 1
fi
mkdir -p .git/info
grep -qsxF '/.nova-worktrees/' .git/info/exclude || echo '/.nova-worktrees/' >>.git/info/exclude
recover
if [ "$(head_now)" = none ]; then
    GIT_INDEX_FILE=/tmp/index git add --ignore-errors -A || :
    if [ ! -e /tmp/index ]; then GIT_INDEX_FILE=/tmp/index git read-tree --empty; fi
    tree=$(GIT_INDEX_FILE=/tmp/index git write-tree)
    first=$(git commit-tree -m "What was there before" "$tree")
    move_head none "$first" "commit (initial): What was there before"
fi
# The branch comes last: where it is, the clone is whole.
if [ -d /worktree/.git ] && git -C /worktree rev-parse -q --verify "refs/heads/$1^{commit}" >/dev/null; then
    rm -f /worktree/.git/HEAD.lock
    exit 0
fi
start=$(git rev-parse -q --verify "refs/heads/$1^{commit}" ||
    git rev-parse -q --verify "${2:-none}^{commit}" || git rev-parse HEAD)
find /worktree -mindepth 1 -delete
git clone -q --no-hardlinks --no-checkout -- /workspace /worktree
cd /worktree
git remote remove origin
git config user.name Nova
git config user.email nova@localhost
git symbolic-ref HEAD "refs/heads/$1"
git read-tree -m -u "$start"
git update-ref HEAD "$start"
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

# $1 branch, $2 message. What it prints is the commit that the workspace has then.
MERGE = (
    PRELUDE
    + MOVING
    + """
recover
branch=$(git rev-parse -q --verify "refs/heads/$1^{commit}") || {
    echo "The branch $1 is gone." >&2
    exit 1
}
for name in MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD rebase-merge rebase-apply; do
    if [ -e ".git/$name" ]; then
        echo "A merge, rebase, cherry-pick or revert of your own is under way: finish it first." >&2
        exit 1
    fi
done
tries=0
while :; do
    head=$(git rev-parse HEAD)
    if git merge-base --is-ancestor "$branch" "$head"; then echo "$head"; exit 0; fi
    if git merge-base --is-ancestor "$head" "$branch"; then
        to=$branch
    else
        case $(git merge-tree -h 2>&1 || :) in
        *--write-tree*) ;;
        *) echo "The workspace has gone on meanwhile; to merge that, git 2.38 is needed." >&2; exit 1 ;;
        esac
        tree=$(git merge-tree --write-tree --name-only "$head" "$branch") || {
            printf '%s\n' "$tree" | tail -n +2 >&2
            exit 1
        }
        to=$(git commit-tree -p "$head" -p "$branch" -m "$2" "${tree%%[!0-9a-f]*}")
    fi
    code=0
    move_head "$head" "$to" "merge $1" || code=$?
    tries=$((tries + 1))
    if [ "$code" -eq 0 ]; then echo "$to"; exit 0; fi
    if [ "$code" -ne 3 ] || [ "$tries" -ge 5 ]; then exit 1; fi
done
"""
)

# Takes back, or finishes, what a killed merge has left.
RECOVER = PRELUDE + MOVING + "recover\n"
