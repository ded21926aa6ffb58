import AWSSignature
import HTTPTypes
import JSONBytes
import Proxy
import Transport

/// DynamoDB's HTTP interface, as far as it is needed: one item is changed by each call.
struct DynamoDBClient: Sendable {
    let address: TableAddress
    private let signature: SignatureV4?
    private let transport: any HTTPTransport
    private let clock: AgreedClock

    init(
        _ address: TableAddress, _ credentials: AWSCredentials?, over transport: any HTTPTransport, clock: AgreedClock
    ) {
        self.address = address
        signature = credentials.map { SignatureV4(region: address.region, service: "dynamodb", $0) }
        self.transport = transport
        self.clock = clock
    }

    /// - Parameter isRepeatable: whether it does no harm if the update is made twice.
    func send(_ update: ItemUpdate, isRepeatable: Bool = true) async throws(StoreError) -> ProxyResponse {
        guard let signature else { throw noCredentials }
        let (status, body) = try await exchange(request(update, signature), isRepeatable: isRepeatable)
        guard let answer = try? ProxyResponse(body) else { throw status == .ok ? nonsense : failure(status.code, "") }
        guard status == .ok || answer.isRefusal else { throw failure(status.code, answer.errorName) }
        return answer
    }

    /// Sends a request once more if its connection closes without an answer, as AWS's own SDKs do: DynamoDB may have
    /// closed a kept connection at the same moment. The first request may have been counted too, which errs on the safe
    /// side as long as nothing is given back.
    private func exchange(
        _ request: TransportRequest, isRepeatable: Bool
    ) async throws(StoreError) -> (status: HTTPResponse.Status, body: [UInt8]) {
        do throws(TransportError) {
            do throws(TransportError) {
                return try await exchangeOnce(request)
            } catch {
                guard error.kind == .reset, isRepeatable else { throw error }
                return try await exchangeOnce(request)
            }
        } catch {
            throw unreachable(error, within: Self.limits)
        }
    }

    private func exchangeOnce(
        _ request: TransportRequest
    ) async throws(TransportError) -> (status: HTTPResponse.Status, body: [UInt8]) {
        let sent = clock.local()
        let response = try await transport.open(request)
        clock.learn(from: response.fields, sent: sent)
        return (response.status, try await response.body.collect(upTo: Self.longestAnswer))
    }

    private func request(_ update: ItemUpdate, _ signature: SignatureV4) -> TransportRequest {
        let body = update.json(in: address.table).serialized
        var fields: HTTPFields = [
            .contentType: "application/x-amz-json-1.0", .amzTarget: "DynamoDB_20120810.UpdateItem",
        ]
        let signed = SignableRequest(.post, host: address.host, path: address.path, fields: fields, body: body)
        fields.append(contentsOf: signature.fields(for: signed, at: max(0, clock.now() / 1000)))
        return TransportRequest(.post, address.url, fields: fields, body: .bytes(body), limits: Self.limits)
    }

    /// In the same region DynamoDB connects and answers within some milliseconds. Callers wait for it before their
    /// request is sent on: what takes so long had better be known as a failure. These don't run while the loop is busy,
    /// since its own delay is not DynamoDB's; the last one always does.
    private static let limits = {
        var limits = TimeLimits()
        limits.connect = 500
        limits.firstByte = 1000
        limits.idle = 1000
        limits.total = 60_000
        return limits
    }()

    /// An item has at most 400 KB, and only leases make one long. In bytes.
    private static let longestAnswer = 512 * 1024
}

extension HTTPField.Name {
    static let amzTarget = known("x-amz-target")
}
