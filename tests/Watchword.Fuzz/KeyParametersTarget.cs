using Watchword.Mikey;

namespace Watchword.Fuzz;

/// <summary>The key parameters within a protected payload: what a peer that holds the key may send.</summary>
internal sealed class KeyParametersTarget : IFuzzTarget
{
    private static readonly KeyParametersForm _form = new() { ElementIdentifier = 0 };

    public string Name => "key-parameters";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        [0x00, 0x00, 0x00, 0x01], [0x00, 0x00], [0x00, 0x01, 0x00], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0xFF, 0xFF], [0x7B, 0x00, 0x01], [0xC3, 0xA4], [0x06],
    ];

    public string Run(ReadOnlyMemory<byte> input)
    {
        KeyParameters parameters;
        try
        {
            parameters = KeyParameters.Parse(input.Span);
        }
        catch (MikeyFormatException e)
        {
            FuzzTargets.Require(!KeyParameters.TryParse(input.Span, out _), "Parse and TryParse agree");
            FuzzTargets.Require(e.Offset >= 0 && e.Offset <= input.Length, "the offset lies in the octets");
            return $"{e.Reason}@{e.Offset / 8}";
        }

        if (input.Length <= KeyParameters.MaximumSizeInBytes - 3)
        {
            KeyParameters again = KeyParameters.Parse(parameters.Encode(_form));
            FuzzTargets.Require(
                (again.KeyType, again.Status, again.Activation, again.Expiry, again.Text)
                    == (parameters.KeyType, parameters.Status, parameters.Activation, parameters.Expiry, parameters.Text)
                && again.GroupIds.SequenceEqual(parameters.GroupIds)
                && again.KeySpecific.Span.SequenceEqual(parameters.KeySpecific.Span),
                "parameters read back as they were written");
        }

        return $"read {parameters.KeyType} {parameters.GroupIds.Count} {parameters.Text.Length > 0} {parameters.KeySpecific.IsEmpty}";
    }
}
