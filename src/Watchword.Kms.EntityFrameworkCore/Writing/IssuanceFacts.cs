using Microsoft.EntityFrameworkCore;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>
/// What decides about the issuances of a group of units, as it stands in their transaction: what was issued before under their
/// UIDs (the units before in the group included), the standing of their requesters, and how far their issuers' events are known.
/// </summary>
internal sealed class IssuanceFacts
{
    private readonly Dictionary<string, List<IssuanceRow>> _issued = [];
    private readonly Dictionary<(string Issuer, string Subject), SubjectRecord> _subjects = [];
    private readonly Dictionary<string, IssuerEvents> _issuers = [];
    private readonly HashSet<(string UserId, string Issuer, string Subject)> _overrides = [];

    private readonly HashSet<(string KmsUri, int Generation)> _notIssuing = [];

    /// <summary>Until when the grants stand that are not taken back, in milliseconds since 1970.</summary>
    private Dictionary<long, long> _grants = [];

    private IssuanceFacts()
    {
    }

    public static async Task<IssuanceFacts> LoadAsync(KmsDbContext context, IReadOnlyList<IssuanceUnit> units)
    {
        IssuanceFacts facts = new();
        await facts.LoadIssuedAsync(context, units);
        await facts.LoadStandingAsync(context, units);
        await facts.LoadGenerationsAsync(context);
        await facts.LoadGrantsAsync(context, units);
        return facts;
    }

    public void Add(IssuanceRow row)
    {
        string key = Key(row.UserId);
        if (!_issued.TryGetValue(key, out List<IssuanceRow>? same))
        {
            _issued.Add(key, same = []);
        }

        same.Add(row);
    }

    /// <exception cref="KmsException">Why the issuance may not be recorded.</exception>
    public void Check(IssuanceRecord issued, IssuanceConditions conditions, DateTimeOffset now)
    {
        if (_notIssuing.Contains((issued.KmsUri, issued.Generation)))
        {
            throw new KmsException(KmsError.GenerationNotIssuing);
        }

        if (issued.Grant is { } grant && !(_grants.TryGetValue(grant, out long until) && now.ToUnixTimeMilliseconds() < until))
        {
            throw new KmsException(KmsError.MigrationNotGranted);
        }

        if (_subjects.TryGetValue((issued.Issuer, issued.Subject), out SubjectRecord? subject)
            && subject.IsBarred(conditions.TokenIssuedAt))
        {
            throw new KmsException(KmsError.RequesterDisabled);
        }

        if (conditions.LongestSilence is { } longest
            && !(_issuers.GetValueOrDefault(issued.Issuer)?.CompleteAt is { } complete && now - complete <= longest))
        {
            throw new KmsException(KmsError.IssuerSilent);
        }

        if (!_issued.TryGetValue(Key(issued.UserId), out List<IssuanceRow>? same))
        {
            return;
        }

        if (same.Exists(row => IsOfAnother(row, issued))
            && !_overrides.Contains((Key(issued.UserId), issued.Issuer, issued.Subject)))
        {
            throw new KmsException(KmsError.IdentityMoved);
        }

        if (!issued.PublicTokenHash.IsEmpty && same.Exists(row => row.SecretsGeneration == issued.SecretsGeneration
            && !row.PublicTokenHash.AsSpan().SequenceEqual(issued.PublicTokenHash.Span)))
        {
            throw new KmsException(KmsError.RepeatDiffers);
        }
    }

    /// <summary>
    /// An entity that peers assert is its own subject and stays the same whoever of them vouches for it: several proxies may, and
    /// their certificates change. An IdM server that calls an account like an identity gets nothing by it.
    /// </summary>
    private static bool IsOfAnother(IssuanceRow row, IssuanceRecord issued) =>
        (row.Issuer != issued.Issuer || row.Subject != issued.Subject)
        && !(row.Subject == row.UserUri && issued.Subject == issued.UserUri
            && Requester.IsAssertedIssuer(row.Issuer) && Requester.IsAssertedIssuer(issued.Issuer));

    private static string Key(ReadOnlyMemory<byte> userId) => Convert.ToHexString(userId.Span);

    private async Task LoadIssuedAsync(KmsDbContext context, IReadOnlyList<IssuanceUnit> units)
    {
        IssuanceRecord[] wanted = [.. units.SelectMany(unit => unit.Issued)];
        byte[][] userIds = [.. wanted.Select(issued => Key(issued.UserId)).Distinct().Select(Convert.FromHexString)];
        await foreach (IssuanceRow row in context.Issuances.AsNoTracking()
            .Where(row => userIds.Contains(row.UserId)).AsAsyncEnumerable())
        {
            Add(row);
        }

        // Overrides are rare, and matter only where two requesters meet.
        byte[][] contested =
        [
            .. wanted.GroupBy(issued => Key(issued.UserId))
                .Where(same => same.Select(issued => (issued.Issuer, issued.Subject))
                    .Concat(_issued.GetValueOrDefault(same.Key, []).Select(row => (row.Issuer, row.Subject)))
                        .Distinct().Count() > 1)
                .Select(same => Convert.FromHexString(same.Key)),
        ];
        if (contested.Length == 0)
        {
            return;
        }

        await foreach (IdentityOverrideRow row in context.IdentityOverrides.AsNoTracking()
            .Where(row => contested.Contains(row.UserId)).AsAsyncEnumerable())
        {
            _overrides.Add((Key(row.UserId), row.Issuer, row.Subject));
        }
    }

    /// <summary>A generation may have been tainted at another node a moment ago. There are few of them.</summary>
    private async Task LoadGenerationsAsync(KmsDbContext context)
    {
        var found = await context.Domains.AsNoTracking().Where(row => row.State != GenerationState.Active)
            .Select(row => new { row.KmsUri, row.Generation }).ToListAsync();
        _notIssuing.UnionWith(found.Select(row => (row.KmsUri, row.Generation)));
    }

    private async Task LoadGrantsAsync(KmsDbContext context, IReadOnlyList<IssuanceUnit> units)
    {
        long[] wanted = [.. units.SelectMany(unit => unit.Issued).Select(issued => issued.Grant).OfType<long>().Distinct()];
        if (wanted.Length > 0)
        {
            _grants = await context.MigrationGrants.AsNoTracking().Where(row => wanted.Contains(row.Id) && row.RevokedAt == null)
                .ToDictionaryAsync(row => row.Id, row => row.ValidTo);
        }
    }

    private async Task LoadStandingAsync(KmsDbContext context, IReadOnlyList<IssuanceUnit> units)
    {
        string[] subjects = [.. units.SelectMany(unit => unit.Issued).Select(issued => issued.Subject).Distinct()];
        await foreach (SubjectRow row in context.Subjects.AsNoTracking()
            .Where(row => subjects.Contains(row.Subject)).AsAsyncEnumerable())
        {
            _subjects[(row.Issuer, row.Subject)] = row.ToRecord();
        }

        if (!units.Any(unit => unit.Conditions.LongestSilence is not null))
        {
            return;
        }

        await foreach (IssuerEventsRow row in context.IssuerEvents.AsNoTracking().AsAsyncEnumerable())
        {
            _issuers[row.Issuer] = row.ToRecord();
        }
    }
}
