import ArgumentParser
import JSONBytes
import SimulatedWorld

/// `simulate table`
struct TableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table", abstract: "Answers calls of DynamoDB from a simulated table.",
        discussion: """
            Each line of stdin is one call, such as {"operation": "GetItem", "call": {"TableName": …}}. Each line of \
            stdout is its answer, such as {"status":200,"answer":{}}. The table is empty at first.
            """)

    func run() throws {
        var table = SimulatedTable()
        while let line = readLine() {
            let call = try JSONSlice(Array(line.utf8))
            guard let operation = call["operation"]?.string, let body = call["call"]?.raw else {
                throw ValidationError("This line has no operation or no call: \(line)")
            }
            let answer = table.answer(operation, Array(body))
            var output = JSONObjectWriter(capacity: 512)
            output.add("status", answer.status)
            output.add("answer", json: answer.body)
            output.end()
            print(String(decoding: output.bytes, as: UTF8.self))
        }
    }
}
