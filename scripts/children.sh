# Functions for scripts that start programs. No program outlives the script, however it ends. Source this file.
children=()

# Replace this background process by a program that gets a signal when the script dies, even by kill -9. A shell's
# background programs ignore SIGINT, so it is reset to the default. If the script has died before that, nothing is run.
# Usage: guarded SIGNAL COMMAND...
guarded() {
    local signal=$1
    shift
    exec setpriv --pdeathsig "$signal" env --default-signal=INT bash -c '[ $PPID = "$0" ] && exec "$@"' $$ "$@"
}

# Run a program and wait for it. It runs in the background, because a shell that waits for a foreground program defers
# its traps.
# Usage: run COMMAND...
run() {
    local status=0
    guarded INT "$@" <&0 &
    children+=($!)
    wait $! || status=$?
    unset 'children[-1]'
    return $status
}

# Run a program as one step of several, with a line that shows the label and the elapsed time. The program's output is
# shown if it fails, or with VERBOSE=1. If step_log is set, the output is appended to that file, too.
# Usage: step LABEL COMMAND...
step() {
    local label=$1 status=0 log output input began=$SECONDS ticker=""
    shift
    if [ "${VERBOSE:-0}" != 0 ]; then
        echo "$label" >&2
        run "$@" > >(tee -a "${step_log:-/dev/null}" >&2) 2>&1
        return
    fi
    # Delete the file's name at once, so that nothing is left of it however the script ends.
    log=$(mktemp)
    exec {output}>"$log" {input}<"$log"
    rm "$log"
    if [ -t 2 ]; then
        tick "$label" "$began" &
        ticker=$!
        children+=("$ticker")
    else
        echo "$label" >&2
    fi
    run "$@" >&"$output" 2>&1 {output}>&- {input}<&- || status=$?
    exec {output}>&-
    if [ -n "$ticker" ]; then
        kill "$ticker" 2>/dev/null || true
        wait "$ticker" 2>/dev/null || true
        unset 'children[-1]'
        printf '\r\033[K' >&2
    fi
    if [ $status -ne 0 ]; then
        echo "$label: failed after $((SECONDS - began)) s" >&2
        tee -a "${step_log:-/dev/null}" <&"$input" >&2
    elif [ -t 2 ]; then
        printf '%-44s %4d s\n' "$label" $((SECONDS - began)) >&2
    else
        echo "$label: done in $((SECONDS - began)) s" >&2
    fi
    if [ -n "${step_log-}" ]; then cat <&"$input" >>"$step_log"; fi
    exec {input}<&-
    return $status
}

# Rewrite the line of a step each second, until killed.
tick() {
    guarded TERM bash -c 'while :; do printf "\r\033[K%-44s %4d s" "$0" $((SECONDS + $1)) >&2; sleep 1; done' \
        "$1" $((SECONDS - $2))
}

# Wait until no other run of a script holds its lock, and hold the lock until this script ends.
# Usage: lock SCRIPT WHAT
lock() {
    exec {lock}<"$1"
    flock --nonblock "$lock" || { echo "Waiting for another $2" >&2; run flock "$lock"; }
}

# Start with the mildest signal, so that programs can end their own children.
end_children() {
    trap '' INT TERM HUP
    local signal
    for signal in INT TERM KILL; do
        kill -$signal "${children[@]}" 2>/dev/null || return 0
        for _ in {1..20}; do
            kill -0 "${children[@]}" 2>/dev/null || return 0
            sleep 0.1
        done
    done
}

trap end_children EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
