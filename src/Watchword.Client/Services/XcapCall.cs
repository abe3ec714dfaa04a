namespace Watchword.Client;

/// <summary>One request below an XCAP root.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">Path and query below the root, percent-encoded, without a slash at the beginning.</param>
/// <param name="Token">The token to send; null for none.</param>
internal sealed record XcapCall(HttpMethod Method, string Path, AccessTokenTarget? Token)
{
    /// <summary>The body, where there is a media type.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Null for a request without body.</summary>
    public string? MediaType { get; init; }

    /// <summary>The condition.</summary>
    public XcapPrecondition When { get; init; } = XcapPrecondition.None;
}
