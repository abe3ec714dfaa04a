namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>A custody document: sealed, octet by octet what the file would hold.</summary>
internal sealed class CustodyDocumentRow
{
    public required string Name { get; init; }

    public required byte[] Content { get; set; }
}
