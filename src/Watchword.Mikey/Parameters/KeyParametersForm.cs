namespace Watchword.Mikey;

/// <summary>
/// How key parameters are written, where the text leaves it open. The default is what deployed peers send; reading takes every
/// form.
/// </summary>
public sealed record KeyParametersForm
{
    /// <summary>The default form.</summary>
    public static KeyParametersForm Default { get; } = new();

    /// <summary>
    /// The identifier of an information element around the parameters (TS 33.180 E.6.1), followed by a length of 2 octets; null
    /// to put the parameters directly into the protected payload, as peers do.
    /// </summary>
    public byte? ElementIdentifier { get; init; }

    /// <summary>The identifier of each group's element within the list of groups.</summary>
    public byte GroupIdentifier { get; init; }
}
