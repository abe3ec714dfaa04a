namespace Watchword.ResourceServers.Mcx.Bodies;

/// <summary>One body of a message, whatever carried it.</summary>
/// <param name="MediaType">Type and subtype in lower case, without parameters.</param>
/// <param name="ContentId">Its Content-ID without angle brackets; null for none.</param>
/// <param name="Content">Its octets.</param>
internal sealed record ServiceBody(string MediaType, string? ContentId, ReadOnlyMemory<byte> Content)
{
    /// <summary>The media type of a MIKEY message (RFC 3830 §10).</summary>
    public const string MikeyMediaType = "application/mikey";

    /// <summary>The media type of a SIP message within a message (RFC 3261 §27.5).</summary>
    public const string SipMediaType = "message/sip";

    /// <summary>The type's name: content is not for logs.</summary>
    public override string ToString() => nameof(ServiceBody);
}
