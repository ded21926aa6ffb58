/// What Lambda tells the program about itself.
package enum FunctionEnvironment {
    package static let region = "us-east-1"
    /// The function's own credentials.
    package static let credentials = [
        "AWS_ACCESS_KEY_ID": "AKIASIMULATED", "AWS_SECRET_ACCESS_KEY": "\(Secrets.marker)-aws",
    ]
}
