using Microsoft.EntityFrameworkCore;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>What was issued before under the UIDs of a group of units, the units before in the group included.</summary>
internal sealed class KnownIssuances
{
    private readonly Dictionary<(string KmsUri, string UserId), List<IssuanceRow>> _rows = [];

    private KnownIssuances()
    {
    }

    public static async Task<KnownIssuances> LoadAsync(KmsDbContext context, IEnumerable<IssuanceUnit> units)
    {
        KnownIssuances known = new();
        byte[][] userIds =
        [
            .. units.SelectMany(unit => unit.Issued).Select(issued => Convert.ToHexString(issued.UserId.Span)).Distinct()
                .Select(Convert.FromHexString),
        ];
        IQueryable<IssuanceRow> rows = context.Issuances.AsNoTracking().Where(row => userIds.Contains(row.UserId));
        await foreach (IssuanceRow row in rows.AsAsyncEnumerable())
        {
            known.Add(row);
        }

        return known;
    }

    public void Add(IssuanceRow row)
    {
        (string, string) key = (row.KmsUri, Convert.ToHexString(row.UserId));
        if (!_rows.TryGetValue(key, out List<IssuanceRow>? same))
        {
            _rows.Add(key, same = []);
        }

        same.Add(row);
    }

    /// <summary>The same UID must always have the same PVT under the same secrets, for whomever it is issued.</summary>
    /// <exception cref="KmsException"><see cref="KmsError.RepeatDiffers"/>.</exception>
    public void Check(IssuanceRecord issued)
    {
        if (_rows.TryGetValue((issued.KmsUri, Convert.ToHexString(issued.UserId.Span)), out List<IssuanceRow>? same)
            && same.Exists(row => row.SecretsGeneration == issued.SecretsGeneration
                && !row.PublicTokenHash.AsSpan().SequenceEqual(issued.PublicTokenHash.Span)))
        {
            throw new KmsException(KmsError.RepeatDiffers);
        }
    }
}
