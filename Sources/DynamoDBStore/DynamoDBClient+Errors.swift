import Proxy
import Transport

/// What the owner is told. DynamoDB's own messages aren't: that about a wrong signature has the session token in it.
extension DynamoDBClient {
    private var table: String { "the table '\(address.table)' in \(address.region)" }

    var noCredentials: StoreError {
        StoreError(
            "There are no AWS credentials to count in DynamoDB with: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
                + "aren't set. In Lambda they come from the function's role.", isSilent: false)
    }

    var nonsense: StoreError {
        StoreError(
            "What answers at \(address.url) isn't DynamoDB, or something else writes to \(table).", isSilent: false)
    }

    func unreachable(_ error: TransportError, within limits: TimeLimits) -> StoreError {
        switch error.kind {
        case .malformed, .tooLarge: nonsense
        case .timeout, .firstByteTimeout, .idleTimeout:
            StoreError("DynamoDB at \(address.url) did not answer within \(limits.firstByte ?? 0) ms.", isSilent: true)
        default: StoreError("DynamoDB at \(address.url) can't be reached: \(error.detail).", isSilent: true)
        }
    }

    /// - Parameter name: of the error; empty if the answer has none.
    func failure(_ status: Int, _ name: String) -> StoreError {
        let reason = name.isEmpty ? "without a reason" : "(\(name))"
        return StoreError(advice(name) ?? "DynamoDB answered \(status) \(reason) for \(table).", isSilent: false)
    }

    private func advice(_ name: String) -> String? {
        switch name {
        case "ResourceNotFoundException":
            "There is no \(table.dropFirst(4)). Create it: aws dynamodb create-table --table-name \(address.table) "
                + "--region \(address.region) --billing-mode PAY_PER_REQUEST "
                + "--attribute-definitions AttributeName=\(Attribute.id),AttributeType=S "
                + "--key-schema AttributeName=\(Attribute.id),KeyType=HASH; and turn its time to live on: "
                + "aws dynamodb update-time-to-live --table-name \(address.table) --region \(address.region) "
                + "--time-to-live-specification Enabled=true,AttributeName=\(Attribute.expires)"
        case "AccessDeniedException":
            "DynamoDB doesn't let the function's role write: it needs dynamodb:UpdateItem on \(table)."
        case "ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded":
            "DynamoDB throttles \(table) (\(name)): give it more capacity, best on demand. One item takes 1000 writes "
                + "a second."
        case "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException",
            "IncompleteSignatureException", "MissingAuthenticationTokenException", "InvalidClientTokenId",
            "SignatureDoesNotMatch":
            "DynamoDB refused the AWS credentials (\(name)): they are wrong or have expired, or they aren't for "
                + "\(address.region), or the clock is wrong."
        case "ValidationException":
            "DynamoDB can't count in \(table) as it is: its only key must be '\(Attribute.id)', a string."
        default: nil
        }
    }
}
