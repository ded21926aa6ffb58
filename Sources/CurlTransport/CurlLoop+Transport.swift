import CCurl
package import Transport

extension CurlLoop: HTTPTransport {
    package func open(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
        guard !isStopped else { throw TransportError(.canceled, "the loop has stopped") }
        if let reason = request.cancellation?.reason { throw reason }
        guard let transfer = Transfer(request, on: self) else {
            throw TransportError(.invalidRequest, "libcurl has no memory for another transfer")
        }
        transfers[transfer.easy] = transfer
        guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
            transfers[transfer.easy] = nil
            let error = TransportError(.invalidRequest, "libcurl refused another transfer")
            transfer.finish(error)
            throw error
        }
        return try await transfer.response()
    }

    /// Takes a transfer off the loop and tells those who wait for it. Never from inside one of its callbacks.
    /// - Parameter error: nil if all went well.
    func end(_ transfer: Transfer, with error: TransportError?) {
        guard transfers.removeValue(forKey: transfer.easy) != nil else { return }
        curl_multi_remove_handle(multi, transfer.easy)
        resumable.removeAll { $0 === transfer }
        roused.removeAll { $0 === transfer }
        transfer.finish(error)
    }
}
