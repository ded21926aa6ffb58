import CCurl

/// What libcurl and the kernel tell each other about sockets.
extension CurlLoop {
    /// libcurl says what it waits for on a socket whenever that changes.
    func installSocketCallback() {
        ccurl_set_socket_callback(
            multi,
            { easy, socket, wish, context, _ in
                Unmanaged<CurlLoop>.fromOpaque(context).takeUnretainedValue().note(wish, of: socket, for: easy)
                return 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func note(_ wish: Int32, of socket: curl_socket_t, for easy: UnsafeMutableRawPointer) {
        transfers[easy]?.socket = socket
        switch wish {
        case CURL_POLL_IN: poller.setInterest(Poller.readable, of: socket)
        case CURL_POLL_OUT: poller.setInterest(Poller.writable, of: socket)
        case CURL_POLL_INOUT: poller.setInterest(Poller.readable | Poller.writable, of: socket)
        default:
            let isConnecting = poller.waitsOnlyToWrite(socket) && transfers[easy]?.isUnanswered == true
            hasFailedAddress = hasFailedAddress || isConnecting
            poller.remove(socket)
        }
    }

    /// Calls `action` on the loop whenever there is something to read from a descriptor. On the loop, or before `run`.
    package func watch(_ descriptor: Int32, _ action: @escaping () -> Void) {
        watchers.append((descriptor, action))
        poller.setInterest(Poller.readable, of: descriptor)
    }

    /// Lets libcurl and the watchers do what has become possible meanwhile.
    func serve(_ count: Int) {
        for index in 0..<count {
            let (descriptor, events) = poller[index]
            if let watcher = watchers.first(where: { $0.descriptor == descriptor }) {
                watcher.action()
            } else {
                // Whatever else there is, an error or a closed connection, is found by reading.
                let canWrite = events & Poller.writable != 0 ? CURL_CSELECT_OUT : 0
                let canRead = events & ~Poller.writable != 0 ? CURL_CSELECT_IN : 0
                act(on: descriptor, canWrite | canRead)
            }
        }
    }

    /// Lets libcurl do what is due by time, which includes what was added or resumed.
    func handleTimeouts() {
        if curlTimeout == 0 { act(on: -1, 0) }
        guard hasFailedAddress else { return }
        hasFailedAddress = false
        // libcurl 7.88 gives up an address that doesn't answer, and says nothing of the next one of the same family
        // until it looks at all of its transfers.
        var running: Int32 = 0
        curl_multi_socket_all(multi, &running)
    }

    /// How long libcurl has nothing to do unless something comes, in milliseconds: -1 for ever.
    var curlTimeout: Int {
        var wait = -1
        curl_multi_timeout(multi, &wait)
        return wait
    }

    /// Writes without a wait: nearly always a socket takes what is written, and then that costs neither a word to the
    /// kernel nor another turn, nor that libcurl pauses the transfer until there is more.
    func writeEagerly() {
        for transfer in readyToSend { poller.resumeWrites(transfer.socket) }
        readyToSend.removeAll(keepingCapacity: true)
        for socket in poller.unregisteredWriters {
            lastSender = nil
            act(on: socket, CURL_CSELECT_OUT)
            guard poller.isUnregisteredWriter(socket) else { continue }
            // Each call lets all transfers go on whose time has come, so it may have been another.
            if let lastSender, lastSender.socket == socket, lastSender.suspendIfDrained() {
                poller.suspendWrites(socket)
            } else {
                // Finds that there is no more, or that the socket is full.
                act(on: socket, CURL_CSELECT_OUT)
            }
        }
        lastSender = nil
    }

    private func act(on socket: curl_socket_t, _ events: Int32) {
        var running: Int32 = 0
        curl_multi_socket_action(multi, socket, events, &running)
    }
}
