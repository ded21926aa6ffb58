import CCurl
import HTTPTypes
import Transport

extension Transfer {
    /// Sets all options for a request. If libcurl rejects one, the transfer fails with an error.
    func setOptions(
        for request: TransportRequest, headerList: UnsafeMutablePointer<curl_slist>?,
        errorText: UnsafeMutablePointer<CChar>
    ) {
        ccurl_set_string(easy, CURLOPT_URL, request.url)
        ccurl_set_list(easy, CURLOPT_HTTPHEADER, headerList)
        ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        // HTTP/1.1 on purpose: with HTTP/2, libcurl buffers up to 32 MB for each stream; here the socket itself gives
        // back-pressure.
        ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        ccurl_set_long(easy, CURLOPT_PATH_AS_IS, 1)  // send exactly the path that policy has allowed
        ccurl_set_string(easy, CURLOPT_PROXY, "")  // ignore proxies named in the environment
        ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        // Fewer system calls for a long response. Untouched pages take no memory, so a stream of tokens takes no more
        // than with libcurl's default of 16 KB.
        ccurl_set_long(easy, CURLOPT_BUFFERSIZE, 64 * 1024)
        // Room for a full pipe, which may exceed its mark by one write; otherwise the remainder is sent separately.
        ccurl_set_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, 96 * 1024)
        ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, request.limits.connect)
        ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, request.limits.total ?? 0)
        // Models may think for minutes. Keep-alive probes keep NAT gateways from dropping a silent connection.
        ccurl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
        // Don't join the resolver thread, so that an unresponsive name server delays only its own transfer.
        ccurl_set_long(easy, CURLOPT_QUICK_EXIT, 1)
        ccurl_set_long(easy, CURLOPT_MAXAGE_CONN, 60)  // load balancers close connections that were idle for a minute
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

    /// In bytes. libcurl sends a shorter body together with the head if it has the whole body.
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

    /// Called at the end of the body if there are trailers; otherwise libcurl sends the final empty line separately.
    func announceTrailers() {
        ccurl_set_trailer_callback(easy) { list, context in
            for field in Transfer.at(context).upload.trailers { Transfer.append(field, to: &list.pointee) }
            return CURL_TRAILERFUNC_OK
        }
    }

    /// The transfer of a callback's context, as set in `setCallbacks`.
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
        // libcurl adds these two only to requests with a body.
        if request.method != .get {
            if !request.fields.contains(.contentType) { append("Content-Type:", to: &list) }
            // Without this a body of over 1 MB, or a chunked one, waits a second for "100 Continue".
            append("Expect:", to: &list)
        }
        if case .stream = request.body { append("Transfer-Encoding: chunked", to: &list) }
        return list
    }

    /// An empty value needs a semicolon: with a colon libcurl would remove the header.
    private static func append(_ field: HTTPField, to list: inout UnsafeMutablePointer<curl_slist>?) {
        let (name, value) = (field.name.rawName, field.value)
        // As bytes: joining strings and passing the result to C would copy each several times.
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
        // A StaticString ends with a NUL.
        line.withUTF8Buffer { append($0, to: &list) }
    }

    private static func append(
        _ line: UnsafeBufferPointer<UInt8>, to list: inout UnsafeMutablePointer<curl_slist>?
    ) {
        line.withMemoryRebound(to: CChar.self) { list = curl_slist_append(list, $0.baseAddress) }
    }
}
