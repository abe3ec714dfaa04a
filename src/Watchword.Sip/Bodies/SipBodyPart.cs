namespace Watchword.Sip;

/// <summary>One part of a body.</summary>
/// <param name="ContentType">Its media type.</param>
/// <param name="ContentId">Its Content-ID without angle brackets; null for none.</param>
/// <param name="Content">Its octets, with any transfer encoding undone.</param>
public sealed record SipBodyPart(SipMediaType ContentType, string? ContentId, ReadOnlyMemory<byte> Content)
{
    /// <summary>A part of the media type that a text names.</summary>
    /// <exception cref="SipFormatException">The text is no media type.</exception>
    public static SipBodyPart Create(string contentType, ReadOnlyMemory<byte> content, string? contentId = null) =>
        new(SipMediaType.Parse(contentType), contentId, content);

    /// <summary>The name of the type: content is not for logs.</summary>
    public override string ToString() => nameof(SipBodyPart);
}
