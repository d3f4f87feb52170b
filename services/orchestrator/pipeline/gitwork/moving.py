"""Shell functions that move what the workspace has checked out, in steps of which each may be the last.

A move is told by a file before it begins (from where, to where, and how far it is). Whoever comes
next, holding the workspace's lock and so alone of Nova's processes, first takes back what a killed
one has left, or finishes it. The files of the work tree change while git's own index lock is held;
its lock file is a hard link to one of ours, by which it is known again. A person's git never waits
for longer than a move takes, and a person's own changes are never overwritten nor taken back.
"""

MOVING = r"""
state=.git/nova-move
spare=.git/nova-index

# Tests are killed here.
passed() { [ "$1" != "${FAILPOINT:-}" ] || kill -KILL "$$"; }

head_now() { git rev-parse -q --verify 'HEAD^{commit}' || echo none; }

say_state() {
    printf '%s\n' "$*" >"$state.new"
    mv -fT "$state.new" "$state"
}

# The files that differ between $2 and $3, as $3 has them, as the index $1.
make_index() {
    rm -f "$1"
    git diff-tree -r -z --no-renames "$2" "$3" |
        sed -zE 'N;s/^:[0-7]+ ([0-7]+) [0-9a-f]+ ([0-9a-f]+) [A-Z]\x00/\1 \2\t/;/^0+ /d' |
        GIT_INDEX_FILE=$1 git update-index -z --index-info
    GIT_INDEX_FILE=$1 git update-index -q --refresh >/dev/null || :
}

listed() { GIT_INDEX_FILE=$1 git ls-files -z | sort -zu; }
changed() { GIT_INDEX_FILE=$1 git diff-files -z --name-only --diff-filter="$2" | sort -zu; }

# Of the names that it is given, those of files which are the beginning of what a checkout writes.
begun() {
    export state
    xargs -0 -r sh -c '
        for path do
            if [ ! -f "$path" ] || [ -L "$path" ] || [ "$path" -ot "$state" ]; then continue; fi
            size=$(stat -c %s -- "$path")
            for index in /tmp/after /tmp/before; do
                if GIT_INDEX_FILE=$index git cat-file --filters ":0:$path" 2>/dev/null |
                    head -c "$size" | cmp -s - "$path"; then printf "%s\0" "$path"; break; fi
            done
        done' begun
}

# Give the work tree back what $1 has of the files that a move to $2 has changed: those that are as $2
# has them, those that are not there, and the one that a checkout was writing. All others are a person's.
put_back() {
    make_index /tmp/before "$2" "$1"
    make_index /tmp/after "$1" "$2"
    listed /tmp/before >/tmp/known
    listed /tmp/after >/tmp/wanted
    changed /tmp/after ADMTU >/tmp/other
    changed /tmp/after D >/tmp/absent
    changed /tmp/before ADMTU >/tmp/edited
    comm -z -23 /tmp/wanted /tmp/other >/tmp/ours
    { comm -z -12 /tmp/known /tmp/edited; comm -z -13 /tmp/known /tmp/wanted; } | sort -zu >/tmp/suspect
    comm -z -12 /tmp/suspect /tmp/other | comm -z -23 - /tmp/absent | begun >/tmp/partial
    if [ "$(tr -cd '\0' </tmp/partial | wc -c)" -le 1 ]; then cat /tmp/partial >>/tmp/ours; fi
    xargs -0 -r rm -f -- </tmp/ours
    xargs -0 -r sh -c 'for path do
        case $path in */*) rmdir -p --ignore-fail-on-non-empty -- "${path%/*}" 2>/dev/null || : ;; esac
    done' folders </tmp/ours
    changed /tmp/before D | GIT_INDEX_FILE=/tmp/before git checkout-index -q -z --stdin || :
}

# A lock of HEAD, or of its branch, that came after the move had begun and has stood for ten seconds was
# left by the kill: git holds one for as long as it takes to write a line.
free_references() {
    for name in HEAD "$(git symbolic-ref -q HEAD || echo HEAD)"; do
        lock=.git/$name.lock
        while [ -e "$lock" ] && [ ! "$lock" -ot "$state" ]; do
            since=$(stat -c %Y -- "$lock" 2>/dev/null || date +%s)
            if [ $(($(date +%s) - since)) -ge 10 ]; then rm -f "$lock"; else sleep 1; fi
        done
    done
}

# After a kill: finish the move if HEAD has moved, else take it back.
recover() {
    if [ ! -f "$state" ]; then return 0; fi
    read -r from to phase <"$state" || :
    free_references
    now=$(head_now)
    if [ .git/index.lock -ef "$spare" ]; then
        if [ "$now" = "$to" ]; then
            mv -fT .git/index.lock .git/index
        else
            if [ "$now" = "$from" ] && [ "$phase" = writing ]; then put_back "$from" "$to"; fi
            rm -f .git/index.lock
        fi
    elif [ "$now" = "$from" ] && [ "$phase" = writing ]; then
        put_back "$from" "$to"
    fi
    rm -f "$spare" "$state" "$state.new"
}

# $1 from (none: there is no commit yet, and the index is ready in /tmp/index), $2 to, $3 for the reflog.
# Gives 3 if HEAD is no longer $1, 1 if it can't be done; then all is as it was.
move_head() {
    say_state "$1" "$2" checking
    passed told
    rm -f "$spare"
    : >"$spare"
    tries=0
    until ln -T "$spare" .git/index.lock 2>/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -ge 100 ]; then
            echo "Another git works in the workspace, or was killed there: .git/index.lock exists." >&2
            recover
            return 1
        fi
        sleep 0.2
    done
    passed locked
    if [ "$(head_now)" != "$1" ]; then recover; return 3; fi
    old=
    if [ "$1" != none ]; then
        old=$1
        rm -f /tmp/index
        if [ -e .git/index ]; then cp .git/index /tmp/index; fi
        GIT_INDEX_FILE=/tmp/index git update-index -q --refresh >/dev/null || :
        GIT_INDEX_FILE=/tmp/index git read-tree -n -m -u "$1" "$2" || { recover; return 1; }
        say_state "$1" "$2" writing
        passed writing
        GIT_INDEX_FILE=/tmp/index git read-tree -m -u "$1" "$2" || { recover; return 1; }
    fi
    passed written
    cat /tmp/index >"$spare"
    passed indexed
    git update-ref -m "$3" HEAD "$2" "$old" || { recover; return 1; }
    passed moved
    mv -fT .git/index.lock .git/index
    passed unlocked
    rm -f "$spare" "$state"
}
"""
