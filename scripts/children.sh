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
