import HTTPTypes
import Testing
import Transport

@Suite struct FieldValueTests {
    @Test(
        "The value of a field equals that of the library's subscript",
        arguments: [
            HTTPFields(), [.accept: "a"], [.accept: ""], [.accept: "a", .age: "1", .accept: "b"],
            [.cookie: "a=1; b=2"], [.cookie: "a=1", .accept: "a", .cookie: "b=2"],
        ])
    func agrees(fields: HTTPFields) {
        for name in [HTTPField.Name.accept, .age, .cookie] { #expect(fields.value(of: name) == fields[name]) }
    }
}
