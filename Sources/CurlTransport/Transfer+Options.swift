import CCurl
import HTTPTypes
import Transport

extension Transfer {
    /// Says to libcurl all there is to say about a request. Options that it refuses surface as the transfer's error.
    func setOptions(
        for request: TransportRequest, headerList: UnsafeMutablePointer<curl_slist>?,
        errorText: UnsafeMutablePointer<CChar>
    ) {
        ccurl_set_string(easy, CURLOPT_URL, request.url)
        ccurl_set_list(easy, CURLOPT_HTTPHEADER, headerList)
        ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        // 1.1 on purpose: its back-pressure is the socket's, where HTTP/2 buffers a window of 32 MB for each stream.
        ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        ccurl_set_long(easy, CURLOPT_PATH_AS_IS, 1)  // what policy has allowed is what is called
        ccurl_set_string(easy, CURLOPT_PROXY, "")  // only the configured hosts, whatever the environment says
        ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        // Few calls of the kernel for a long answer. Pages that nothing was read into take no memory, so a stream of
        // tokens takes as much as with libcurl's 16 KB.
        ccurl_set_long(easy, CURLOPT_BUFFERSIZE, 64 * 1024)
        // With room for all that waits in a pipe, which may be over its mark by one write: else a rest is sent by itself.
        ccurl_set_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, 96 * 1024)
        ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, request.limits.connect)
        ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, request.limits.total ?? 0)
        // Models think for minutes: keep NAT gateways from forgetting a silent connection.
        ccurl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
        // A name server that doesn't answer holds up its own transfer only: its thread isn't waited for.
        ccurl_set_long(easy, CURLOPT_QUICK_EXIT, 1)
        ccurl_set_long(easy, CURLOPT_MAXAGE_CONN, 60)  // load balancers close what was idle for a minute
        setMethod(request)
        setCallbacks()
        setConnectionCallbacks()
        guard request.method == .head else { return }
        if request.keepsConnectionAfterHead { watchForExcess() } else { ccurl_set_long(easy, CURLOPT_FORBID_REUSE, 1) }
    }

    private func setMethod(_ request: TransportRequest) {
        switch request.body {
        case .none where request.method == .get: ccurl_set_long(easy, CURLOPT_HTTPGET, 1)
        case .none where request.method == .head: ccurl_set_long(easy, CURLOPT_NOBODY, 1)
        case .none where request.method != .post: ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        case .none: setUpload(size: 0, request.method)
        case .bytes(let bytes):
            setUpload(size: bytes.count, request.method)
            if bytes.count < Self.longestCopy { ccurl_copy_body(easy, bytes) }
        case .stream: setUpload(size: -1, request.method)  // unknown: chunked
        }
    }

    /// A body that libcurl has whole goes out in one packet with the head, if it is shorter than that. In bytes.
    private static let longestCopy = 64 * 1024

    private func setUpload(size: Int, _ method: HTTPRequest.Method) {
        ccurl_set_long(easy, CURLOPT_POST, 1)
        ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(size))
        if method != .post { ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, method.rawValue) }
    }

    private func setCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context)
        ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context)
        ccurl_set_pointer(easy, CURLOPT_READDATA, context)
        ccurl_set_pointer(easy, CURLOPT_TRAILERDATA, context)
        ccurl_set_data_callback(easy, CURLOPT_HEADERFUNCTION) { line, size, count, context in
            let line = UnsafeRawBufferPointer(start: line, count: size * count)
            return Transfer.at(context).receive(header: line) ? line.count : 0
        }
        ccurl_set_data_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            let bytes = UnsafeRawBufferPointer(start: bytes, count: size * count)
            return Transfer.at(context).receive(body: bytes) ? bytes.count : Int(CURL_WRITEFUNC_PAUSE)
        }
        ccurl_set_data_callback(easy, CURLOPT_READFUNCTION) { buffer, size, count, context in
            Transfer.at(context).send(into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
        }
    }

    private func setConnectionCallbacks() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_set_pointer(easy, CURLOPT_SOCKOPTDATA, context)
        ccurl_set_pointer(easy, CURLOPT_PREREQDATA, context)
        setExcessCallback()
        ccurl_set_socket_option_callback(easy) { context, socket, _ in
            Transfer.at(context).mayConnect(by: socket) ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR
        }
        ccurl_set_request_callback(easy) { context, remoteAddress, localAddress, remotePort, localPort in
            let connection = SocketTable.Connection(
                localAddress: String(cString: localAddress), localPort: localPort,
                remoteAddress: String(cString: remoteAddress), remotePort: remotePort)
            return Transfer.at(context).maySend(on: connection) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
        }
    }

    /// Only when there are any, at the end of the body: else libcurl sends the empty line behind the last chunk by itself.
    func announceTrailers() {
        ccurl_set_trailer_callback(easy) { list, context in
            for field in Transfer.at(context).upload.trailers { Transfer.append(field, to: &list.pointee) }
            return CURL_TRAILERFUNC_OK
        }
    }

    /// The transfer behind a callback's context, which is always the one that `setCallbacks` has set.
    private static func at(_ context: UnsafeMutableRawPointer) -> Transfer {
        Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }
}

// MARK: - Header lists

extension Transfer {
    /// The request's header lines, and the empty ones that keep libcurl from adding its own.
    static func headerList(of request: TransportRequest) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        for field in request.fields { append(field, to: &list) }
        if !request.fields.contains(.accept) { append("Accept:", to: &list) }
        // libcurl adds these two to what has a body only.
        if request.method != .get {
            if !request.fields.contains(.contentType) { append("Content-Type:", to: &list) }
            // Without this a body of over 1 MB, or a chunked one, waits a second for "100 Continue".
            append("Expect:", to: &list)
        }
        if case .stream = request.body { append("Transfer-Encoding: chunked", to: &list) }
        return list
    }

    /// An empty value is written with a semicolon: with a colon libcurl would take the header away.
    private static func append(_ field: HTTPField, to list: inout UnsafeMutablePointer<curl_slist>?) {
        let (name, value) = (field.name.rawName, field.value)
        // As bytes: to join strings and to hand one to C copies each several times.
        var line: [UInt8] = []
        line.reserveCapacity(name.utf8.count + value.utf8.count + 3)
        line.append(contentsOf: name.utf8)
        line.append(value.isEmpty ? UInt8(ascii: ";") : UInt8(ascii: ":"))
        if !value.isEmpty { line.append(UInt8(ascii: " ")) }
        line.append(contentsOf: value.utf8)
        line.append(0)
        line.withUnsafeBufferPointer { append($0, to: &list) }
    }

    private static func append(_ line: StaticString, to list: inout UnsafeMutablePointer<curl_slist>?) {
        // What lies there ends with a NUL.
        line.withUTF8Buffer { append($0, to: &list) }
    }

    private static func append(
        _ line: UnsafeBufferPointer<UInt8>, to list: inout UnsafeMutablePointer<curl_slist>?
    ) {
        line.withMemoryRebound(to: CChar.self) { list = curl_slist_append(list, $0.baseAddress) }
    }
}
