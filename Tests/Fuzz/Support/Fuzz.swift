import CLibFuzzer
import Glibc

/// libFuzzer, with the target in the variable FUZZ_TARGET. It is in the environment because libFuzzer restarts itself
/// with its own arguments when it minimizes an input.
@main enum Fuzz {
    private static let targets: [any FuzzTarget.Type] = [
        EventFuzz.self, TableFuzz.self, BodyFuzz.self, EventStreamFuzz.self, ResponseHeadFuzz.self,
        RequestTargetFuzz.self, AnswerFuzz.self, RedactorFuzz.self, ErrorFuzz.self,
        PlainAnswerFuzz.self, BedrockStreamFuzz.self, ConverseAnswerFuzz.self, ConverseRequestFuzz.self,
        EmbeddingsFuzz.self, CanonicalJSONFuzz.self, CacheEntryFuzz.self, TokenFuzz.self,
    ]
    private static let target = targets.first { "\($0)" == getenv("FUZZ_TARGET").map { String(cString: $0) } }

    static func main() {
        guard target != nil else {
            fatalError("set FUZZ_TARGET to one of \(targets.map { "\($0)" }.joined(separator: ", "))")
        }
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(
            LLVMFuzzerRunDriver(&count, &arguments) { bytes, count in
                Fuzz.target?.check(Array(UnsafeBufferPointer(start: bytes, count: count)))
                return 0
            })
    }
}
