using Watchword.Mikey;

namespace Watchword.Cli.Messages;

/// <summary>One field of a payload.</summary>
/// <param name="Definition">Its names and the clause that lays it out.</param>
/// <param name="Offset">Its first octet in the message; fields of less than an octet share one.</param>
/// <param name="Length">Its size in octets.</param>
/// <param name="Value">The value as a person reads it: decimal, hexadecimal or text.</param>
/// <param name="Meaning">What that value means; null where the name says it all.</param>
internal sealed record DecodedField(FieldDefinition Definition, int Offset, int Length, string Value, string? Meaning);

/// <summary>One payload with its place in the message and the clause that lays it out.</summary>
internal sealed record DecodedPayload(string Name, string Clause, int Offset, int Length, IReadOnlyList<DecodedField> Fields);

/// <summary>Where and why the fields end before the message does.</summary>
internal sealed record DecodedFault(MikeyFormatReason Reason, int Offset);

/// <summary>A message as far as its fields can be told apart.</summary>
/// <param name="Octets">The whole message.</param>
/// <param name="Payloads">The payloads in the order of the wire, HDR first.</param>
/// <param name="Fault">Why the walk ended early; null if it reached the end. A message may still break a rule of order.</param>
internal sealed record DecodedMessage(ReadOnlyMemory<byte> Octets, IReadOnlyList<DecodedPayload> Payloads, DecodedFault? Fault)
{
    /// <summary>The value of the first field with an identifier, or null.</summary>
    public string? Find(string id) =>
        Payloads.SelectMany(payload => payload.Fields).FirstOrDefault(field => field.Definition.Id == id)?.Value;
}
