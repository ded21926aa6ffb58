import CCurl

/// Passes socket events between libcurl and epoll.
extension CurlLoop {
    /// libcurl calls back whenever the events that it waits for on a socket change.
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

    /// Calls `action` on the loop whenever a descriptor is readable. Call it on the loop, or before `run`.
    package func watch(_ descriptor: Int32, _ action: @escaping () -> Void) {
        watchers.append((descriptor, action))
        poller.setInterest(Poller.readable, of: descriptor)
    }

    /// Handles the events of the last wait.
    func serve(_ count: Int) {
        for index in 0..<count {
            let (descriptor, events) = poller[index]
            if let watcher = watchers.first(where: { $0.descriptor == descriptor }) {
                watcher.action()
            } else {
                // Any other event, such as an error or a closed connection, is found by reading.
                let canWrite = events & Poller.writable != 0 ? CURL_CSELECT_OUT : 0
                let canRead = events & ~Poller.writable != 0 ? CURL_CSELECT_IN : 0
                act(on: descriptor, canWrite | canRead)
            }
        }
    }

    /// Lets libcurl handle its timeouts. Added and resumed transfers count as timeouts, too.
    func handleTimeouts() {
        if curlTimeout == 0 { act(on: -1, 0) }
        guard hasFailedAddress else { return }
        hasFailedAddress = false
        // If an address doesn't respond, libcurl 7.88 reports the socket for the next address of the same family only
        // after it has checked all transfers.
        var running: Int32 = 0
        curl_multi_socket_all(multi, &running)
    }

    /// The time until libcurl's next timeout, in milliseconds; -1 if there is none.
    var curlTimeout: Int {
        var wait = -1
        curl_multi_timeout(multi, &wait)
        return wait
    }

    /// Writes without waiting for epoll. A socket nearly always accepts the write, which saves a system call, a turn of
    /// the loop, and pausing the transfer in libcurl.
    func writeEagerly() {
        for transfer in readyToSend { poller.resumeWrites(transfer.socket) }
        readyToSend.removeAll(keepingCapacity: true)
        for socket in poller.unregisteredWriters {
            lastSender = nil
            act(on: socket, CURL_CSELECT_OUT)
            guard poller.isUnregisteredWriter(socket) else { continue }
            // The call also serves other transfers whose timeout has come, so check that this one sent.
            if let lastSender, lastSender.socket == socket, lastSender.suspendIfDrained() {
                poller.suspendWrites(socket)
            } else {
                // With this call, libcurl notices that nothing is left to send, or that the socket is full.
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
