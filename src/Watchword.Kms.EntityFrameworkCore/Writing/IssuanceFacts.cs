using System.Runtime.InteropServices;

namespace Watchword.Kms.EntityFrameworkCore;

/// <summary>
/// What decides about the issuances of a group of units, as it stands in their transaction: what was issued before under their
/// UIDs (the units before in the group included), the standing of their requesters, and how far their issuers' events are known.
/// </summary>
internal sealed class IssuanceFacts
{
    private readonly StoreProvider _provider;
    private readonly IReadOnlyList<IssuanceRecord> _wanted;
    private readonly Dictionary<Uid, List<IssuedBefore>> _issued = [];
    private readonly Dictionary<(string Issuer, string Subject), SubjectRecord> _subjects = [];
    private readonly Dictionary<string, IssuerEvents> _streams = [];
    private readonly HashSet<(Uid UserId, string Issuer, string Subject)> _overrides = [];
    private readonly HashSet<(string KmsUri, int Generation)> _notIssuing = [];

    /// <summary>Until when the grants stand that are not taken back, in milliseconds since 1970.</summary>
    private readonly Dictionary<long, long> _grants = [];

    private IssuanceFacts(StoreProvider provider, IReadOnlyList<IssuanceUnit> units)
    {
        _provider = provider;
        _wanted = [.. units.SelectMany(unit => unit.Issued)];
        List<StoreQuery> queries = [IssuedQuery(), SubjectsQuery(), GenerationsQuery()];
        if (units.Any(unit => unit.Conditions.LongestSilence is not null))
        {
            queries.Add(StandingQueries.Streams(stream => _streams[stream.Issuer] = stream));
        }

        long[] grants = [.. _wanted.Select(issued => issued.Grant).OfType<long>().Distinct()];
        if (grants.Length > 0)
        {
            queries.Add(GrantsQuery(grants));
        }

        Queries = queries;
    }

    /// <summary>What fills the facts: run in the transaction, then <see cref="CompleteAsync"/>.</summary>
    public IReadOnlyList<StoreQuery> Queries { get; }

    /// <summary>The facts of some issuances, still to be read; null for no issuance.</summary>
    public static IssuanceFacts? For(StoreProvider provider, IReadOnlyList<IssuanceUnit> units) =>
        units.Count == 0 ? null : new IssuanceFacts(provider, units);

    /// <summary>Reads what only the answers to the queries show to be needed.</summary>
    public async Task CompleteAsync(KmsDbContext context)
    {
        // Overrides are rare, and matter only where two requesters meet.
        Uid[] contested =
        [
            .. _wanted.GroupBy(issued => Uid.Of(issued.UserId.Span))
                .Where(same => same.Select(issued => (issued.Issuer, issued.Subject))
                    .Concat(_issued.GetValueOrDefault(same.Key, []).Select(before => (before.Issuer, before.Subject)))
                    .Distinct().Count() > 1)
                .Select(same => same.Key),
        ];
        if (contested.Length > 0)
        {
            await _provider.QueryAsync(context, [OverridesQuery(contested)], CancellationToken.None);
        }
    }

    public void Add(IssuanceRow row) => Add(
        Uid.Of(row.UserId),
        new IssuedBefore(row.SecretsGeneration, row.UserUri, row.Issuer, row.Subject, row.PublicTokenHash));

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
            && !(_streams.GetValueOrDefault(issued.Issuer)?.CompleteAt is { } complete && now - complete <= longest))
        {
            throw new KmsException(KmsError.IssuerSilent);
        }

        Uid uid = Uid.Of(issued.UserId.Span);
        if (!_issued.TryGetValue(uid, out List<IssuedBefore>? same))
        {
            return;
        }

        if (same.Exists(before => IsOfAnother(before, issued)) && !_overrides.Contains((uid, issued.Issuer, issued.Subject)))
        {
            throw new KmsException(KmsError.IdentityMoved);
        }

        if (!issued.PublicTokenHash.IsEmpty && same.Exists(before => before.SecretsGeneration == issued.SecretsGeneration
            && !before.PublicTokenHash.AsSpan().SequenceEqual(issued.PublicTokenHash.Span)))
        {
            throw new KmsException(KmsError.RepeatDiffers);
        }
    }

    /// <summary>
    /// An entity that peers assert is its own subject and stays the same whoever of them vouches for it: several proxies may, and
    /// their certificates change. An IdM server that calls an account like an identity gets nothing by it.
    /// </summary>
    private static bool IsOfAnother(IssuedBefore before, IssuanceRecord issued) =>
        (before.Issuer != issued.Issuer || before.Subject != issued.Subject)
        && !(before.Subject == before.UserUri && issued.Subject == issued.UserUri
            && Requester.IsAssertedIssuer(before.Issuer) && Requester.IsAssertedIssuer(issued.Issuer));

    private void Add(Uid uid, IssuedBefore before)
    {
        if (!_issued.TryGetValue(uid, out List<IssuedBefore>? same))
        {
            _issued.Add(uid, same = []);
        }

        same.Add(before);
    }

    private StoreQuery IssuedQuery() => new(
        $"""
        SELECT "UserId", "SecretsGeneration", "UserUri", "Issuer", "Subject", "PublicTokenHash" FROM "Issuance"
        WHERE {_provider.AnyOf("\"UserId\"", ColumnKind.Octets, 1)}
        """,
        [QueryValue.AnyOf(_wanted.Select(issued => Uid.Of(issued.UserId.Span)).Distinct().Select(uid => uid.ToOctets()))],
        row => Add(
            Uid.Of(row.GetFieldValue<byte[]>(0)),
            new IssuedBefore(
                row.GetInt32(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetFieldValue<byte[]>(5))));

    private StoreQuery SubjectsQuery() => StandingQueries.Subjects(
        _provider, [.. _wanted.Select(issued => (issued.Issuer, issued.Subject)).Distinct()],
        subject => _subjects[(subject.Issuer, subject.Subject)] = subject);

    /// <summary>A generation may have been tainted at another node a moment ago. There are few of them.</summary>
    private StoreQuery GenerationsQuery() => new(
        $"""SELECT "KmsUri", "Generation" FROM "Domain" WHERE "State" <> {(int)GenerationState.Active}""",
        [],
        row => _notIssuing.Add((row.GetString(0), row.GetInt32(1))));

    private StoreQuery GrantsQuery(long[] grants) => new(
        $"""
        SELECT "Id", "ValidTo" FROM "MigrationGrant"
        WHERE "RevokedAt" IS NULL AND {_provider.AnyOf("\"Id\"", ColumnKind.Integer, 1)}
        """,
        [QueryValue.AnyOf(grants)],
        row => _grants[row.GetInt64(0)] = row.GetInt64(1));

    private StoreQuery OverridesQuery(Uid[] contested) => new(
        $"""
        SELECT "UserId", "Issuer", "Subject" FROM "IdentityOverride"
        WHERE {_provider.AnyOf("\"UserId\"", ColumnKind.Octets, 1)}
        """,
        [QueryValue.AnyOf(contested.Select(uid => uid.ToOctets()))],
        row => _overrides.Add((Uid.Of(row.GetFieldValue<byte[]>(0)), row.GetString(1), row.GetString(2))));

    /// <summary>What matters of an issuance that the store has.</summary>
    private sealed record IssuedBefore(
        int SecretsGeneration, string UserUri, string Issuer, string Subject, byte[] PublicTokenHash);

    /// <summary>A UID as a key of dictionaries.</summary>
    private readonly record struct Uid(long First, long Second, long Third, long Fourth)
    {
        public static Uid Of(ReadOnlySpan<byte> octets) => MemoryMarshal.Read<Uid>(octets);

        public byte[] ToOctets()
        {
            byte[] octets = new byte[4 * sizeof(long)];
            MemoryMarshal.Write(octets, this);
            return octets;
        }
    }
}
