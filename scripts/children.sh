# For scripts that start programs: none of those outlives the script, however it ends. Source it.
children=()

# Become a program that gets a signal when this shell dies, even by kill -9. A shell's background programs ignore SIGINT
# unless it is given back to them.
guarded() {
    local signal=$1
    shift
    exec setpriv --pdeathsig "$signal" env --default-signal=INT "$@"
}

# Run a program to its end; in the background, since a shell that waits for a foreground program defers its traps.
run() {
    local status=0
    guarded INT "$@" <&0 &
    children+=($!)
    wait $! || status=$?
    unset 'children[-1]'
    return $status
}

# Run a program to its end as one step of several: a line says what it is and how long it takes. What the program writes
# is shown if it fails, or with VERBOSE=1. With step_log, it stays in that file as well. step LABEL COMMAND...
step() {
    local label=$1 status=0 log output input began=$SECONDS ticker=""
    shift
    if [ "${VERBOSE:-0}" != 0 ]; then
        echo "$label" >&2
        run "$@" > >(tee -a "${step_log:-/dev/null}" >&2) 2>&1
        return
    fi
    # Without a name, so that nothing is left of it however the script ends.
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

# Rewrite the line of a step each second, until it is ended.
tick() {
    guarded TERM bash -c 'while :; do printf "\r\033[K%-44s %4d s" "$0" $((SECONDS + $1)) >&2; sleep 1; done' \
        "$1" $((SECONDS - $2))
}

# Wait until no other run of a script holds its lock, and hold it to the end: lock SCRIPT WHAT
lock() {
    exec {lock}<"$1"
    flock --nonblock "$lock" || { echo "Waiting for another $2" >&2; run flock "$lock"; }
}

# Ask politely first: a program that is asked can end its own children.
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
