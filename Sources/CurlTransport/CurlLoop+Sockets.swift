import CCurl

/// What libcurl and the kernel tell each other about sockets.
extension CurlLoop {
    /// libcurl says what it waits for on a socket whenever that changes.
    func listenToLibcurl() {
        ccurl_set_socket_callback(
            multi,
            { _, socket, wish, context, _ in
                Unmanaged<CurlLoop>.fromOpaque(context).takeUnretainedValue().note(wish, of: socket)
                return 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func note(_ wish: Int32, of socket: curl_socket_t) {
        switch wish {
        case CURL_POLL_IN: poller.want(Poller.readable, of: socket)
        case CURL_POLL_OUT: poller.want(Poller.writable, of: socket)
        case CURL_POLL_INOUT: poller.want(Poller.readable | Poller.writable, of: socket)
        default: poller.forget(socket)
        }
    }

    /// Calls `action` on the loop whenever there is something to read from a descriptor. On the loop, or before `run`.
    package func watch(_ descriptor: Int32, _ action: @escaping () -> Void) {
        watchers[descriptor] = action
        poller.want(Poller.readable, of: descriptor)
    }

    /// Lets libcurl and the watchers do what has become possible meanwhile.
    func serve(_ count: Int) {
        for index in 0..<count {
            let (descriptor, events) = poller[index]
            if let action = watchers[descriptor] {
                action()
            } else {
                // Whatever else there is, an error or a closed connection, is found by reading.
                let canWrite = events & Poller.writable != 0 ? CURL_CSELECT_OUT : 0
                let canRead = events & ~Poller.writable != 0 ? CURL_CSELECT_IN : 0
                act(on: descriptor, canWrite | canRead)
            }
        }
    }

    /// Lets libcurl do what is due by time, which includes what was added or resumed.
    func serveTimers() { act(on: -1, 0) }

    /// Writes without a wait: nearly always a socket takes what is written, and then that costs neither a word to the
    /// kernel nor another turn. The first call writes, the second finds that there is no more.
    func writeAtOnce() {
        for socket in poller.untoldWriters {
            act(on: socket, CURL_CSELECT_OUT)
            if poller.isUntoldWriter(socket) { act(on: socket, CURL_CSELECT_OUT) }
        }
    }

    private func act(on socket: curl_socket_t, _ events: Int32) {
        var running: Int32 = 0
        curl_multi_socket_action(multi, socket, events, &running)
    }
}
