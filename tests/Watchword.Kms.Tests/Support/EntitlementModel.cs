using System.Globalization;
using Watchword.KeyManagement;

namespace Watchword.Kms.Tests.Support;

/// <summary>What three users of three identities are entitled to, kept beside a real installation and compared with it.</summary>
internal sealed class EntitlementModel(PreparedDomain domain)
{
    /// <summary>Kinds of steps.</summary>
    public const int Kinds = 112;

    /// <summary>With a new token, at the node that prepares, for 25 seconds later.</summary>
    private const int AskForNext = 52;

    private const double Window = 0.25;
    private const int Nobody = -1;

    private readonly RequesterState[] _states = new RequesterState[3];
    private readonly DateTimeOffset?[] _ended = new DateTimeOffset?[3];
    private readonly int[] _holders = [0, 1, 2];
    private readonly List<Token>[] _tokens = [[], [], []];
    private readonly HashSet<(int Generation, long Period, int Identity, int Subject)> _issued = [];
    private readonly HashSet<(KeyPeriodSchedule Schedule, long Period, int Identity, int Subject)> _keyed = [];
    private readonly HashSet<(KeyPeriodSchedule Schedule, long Period, int Identity, int Subject)> _allowed = [];
    private readonly LifeOfDomain life = domain.Life;
    private long _event;

    /// <summary>One step of a history; what it means follows from the kind.</summary>
    public sealed record Step(int Kind, int Subject, int Identity, int Detail);

    /// <summary>How many requests were compared.</summary>
    public int Asked { get; private set; }

    /// <summary>How many of them gave a key.</summary>
    public int Issued { get; private set; }

    private DateTimeOffset Now => life.Time.GetUtcNow();

    public Task TakeAsync(Step step, CancellationToken cancellationToken) => step.Kind switch
    {
        < 6 => DisableAsync(step.Subject, cancellationToken),
        < 10 => EnableAsync(step.Subject, cancellationToken),
        < 12 => RemoveAsync(step.Subject, cancellationToken),
        < 18 => MoveAsync(step.Identity, step.Subject, cancellationToken),
        < 22 => AllowAsync(step.Identity, step.Subject, cancellationToken),
        < 36 => Pass(TimeSpan.FromSeconds(1 + (Math.Abs(step.Detail) * 8))),
        < 48 => ActAsync(step, cancellationToken),
        < 100 => AskAsync(step, cancellationToken),
        _ => PrepareAsync(step, cancellationToken),
    };

    /// <summary>Keys are made ahead, or what is over is erased. Either changes nobody's right.</summary>
    private async Task PrepareAsync(Step step, CancellationToken cancellationToken)
    {
        await domain.Node.RefreshAsync(cancellationToken);
        if (step.Kind % 4 == 0)
        {
            await domain.SweepAsync(cancellationToken);
            return;
        }

        IReadOnlyList<DomainRecord> all = await life.Store.FindGenerationsAsync(LifeOfDomain.KmsUri, cancellationToken);
        int? prepared = step.Kind % 4 == 1 ? all.LastOrDefault(record => record.State == GenerationState.Prepared)?.Generation : null;
        KeyHolder[] held = [.. Enumerable.Range(0, 3).Where(identity => _holders[identity] != Nobody)
            .Select(identity => new KeyHolder(0, LifeOfDomain.Issuer, NameOf(_holders[identity]), UriOf(identity)))];
        try
        {
            await domain.StartAsync(cancellationToken, prepared, step.Kind % 4 == 3 || held.Length == 0 ? null : held);
        }
        catch (KmsException refusal)
        {
            refusal.Error.ShouldBeOneOf(KmsError.NothingIssuing, KmsError.GenerationStateConflict);
        }

        await domain.Runner().RunAsync(cancellationToken);
        life.Time.Advance(PreparedKeySource.RefreshInterval);
        if (all.LastOrDefault(record => record.State == GenerationState.Active && record.Covers(Now)) is { } current)
        {
            // Shortly before the next period, where it is open and what was prepared is asked for.
            DateTimeOffset late = current.Schedule.At(Now).End.AddSeconds(-9);
            life.Time.Advance(late > Now ? late - Now : TimeSpan.Zero);
            await AskAsync(step with { Kind = AskForNext, Detail = 1 }, cancellationToken);
        }
    }

    private Task Pass(TimeSpan time)
    {
        life.Time.Advance(time);
        return Task.CompletedTask;
    }

    private async Task ActAsync(Step step, CancellationToken cancellationToken)
    {
        IReadOnlyList<DomainRecord> all = await life.Store.FindGenerationsAsync(LifeOfDomain.KmsUri, cancellationToken);
        int Newest(GenerationState state) => all.LastOrDefault(record => record.State == state)?.Generation ?? 99;
        try
        {
            await (step.Kind switch
            {
                < 39 => life.PrepareAsync(newSecrets: true, schedule: null, cancellationToken),
                < 41 => life.PrepareAsync(
                    newSecrets: false, new KeyPeriodSchedule(60 + (Math.Abs(step.Detail) * 10), 3), cancellationToken),
                < 44 => life.ActivateAsync(Newest(GenerationState.Prepared), at: null, cancellationToken),
                44 => life.ActivateAsync(Newest(GenerationState.Prepared), Now, cancellationToken),
                < 47 => life.TaintAsync(Newest(GenerationState.Active), cancellationToken),
                _ => life.RevokeAsync(Newest(GenerationState.Tainted), cancellationToken),
            });
        }
        catch (KmsException refusal)
        {
            refusal.Error.ShouldBeOneOf(
                KmsError.UnknownGeneration, KmsError.GenerationStateConflict, KmsError.TakeoverPending);
        }

        // From here on every node must know.
        life.Time.Advance(KmsInstallation.RefreshInterval);
    }

    private async Task AskAsync(Step step, CancellationToken cancellationToken)
    {
        List<Token> tokens = _tokens[step.Subject];
        if (_states[step.Subject] == RequesterState.Enabled && (step.Kind & 1) == 0)
        {
            tokens.Add(new Token(Now, [.. Enumerable.Range(0, 3).Where(identity => _holders[identity] == step.Subject)]));
        }

        // Mostly with the newest token, now and then with the oldest.
        Token? token = step.Kind % 5 == 0 ? tokens.FirstOrDefault() : tokens.LastOrDefault();
        if (token is null || token.Identities.Length == 0)
        {
            return;
        }

        int identity = token.Identities[step.Identity % token.Identities.Length];
        DateTimeOffset? wanted = step.Kind % 3 == 0 ? null : Now.AddSeconds(step.Detail * 25);
        (Slot? slot, bool entitled) = await JudgeAsync(step.Subject, token, identity, wanted ?? Now, cancellationToken);
        Asked++;
        try
        {
            using IssuedKeySets issued = await life.AskAsync(
                (step.Kind & 1) == 0 ? domain.Node : life.Nodes[1], NameOf(step.Subject), UriOf(identity), wanted, token.IssuedAt, cancellationToken);
            Issued++;
            entitled.ShouldBeTrue($"{step} got a key at {Now:O}");

            // What the model concludes from tokens must agree with what is simply so.
            (_states[step.Subject], _holders[identity]).ShouldBe((RequesterState.Enabled, step.Subject));
            (issued.Generation.Number, issued.KeySets[0].KeyPeriodNumber).ShouldBe((slot!.Record.Generation, slot.Number));
            _issued.Add((slot.Record.Generation, slot.Number, identity, step.Subject));
            _keyed.Add((slot.Record.Schedule, slot.Number, identity, step.Subject));
        }
        catch (KmsException refusal)
        {
            ((int)refusal.Error / 100).ShouldBe(403, refusal.Message);
            entitled.ShouldBeFalse($"{step} was refused with {refusal.Error} at {Now:O}");
        }
    }

    private async Task<(Slot? Slot, bool Entitled)> JudgeAsync(
        int subject, Token token, int identity, DateTimeOffset wanted, CancellationToken cancellationToken)
    {
        DomainRecord[] used = [.. (await life.Store.FindGenerationsAsync(LifeOfDomain.KmsUri, cancellationToken))
            .Where(record => record.State != GenerationState.Prepared)];
        if (Slot.At(used, wanted) is not { } slot)
        {
            return (null, false);
        }

        Slot? current = Slot.At(used, Now);
        bool open = slot.Start <= Now && Now < slot.End;
        bool opening = slot.Start > Now && Now >= slot.Start.AddSeconds(
            -Window * (Slot.At(used, slot.Start.AddTicks(-1)) ?? slot).Record.Schedule.PeriodSeconds);
        bool past = current is not null && Slot.At(used, current.Start.AddTicks(-1)) == slot
            && _issued.Contains((slot.Record.Generation, slot.Number, identity, subject));
        bool tokenCounts = _states[subject] == RequesterState.Enabled
            && !(token.IssuedAt.ToUnixTimeSeconds() <= _ended[subject]?.ToUnixTimeSeconds());
        bool othersKey = _keyed.Any(key => key.Schedule == slot.Record.Schedule && key.Period == slot.Number
            && key.Identity == identity && key.Subject != subject);
        bool mayHave = !othersKey || _allowed.Contains((slot.Record.Schedule, slot.Number, identity, subject));
        return (slot, tokenCounts && mayHave && slot.Record.State == GenerationState.Active && (open || opening || past));
    }

    private Task DisableAsync(int subject, CancellationToken cancellationToken)
    {
        if (_states[subject] == RequesterState.Removed)
        {
            return Task.CompletedTask;
        }

        _states[subject] = RequesterState.Disabled;
        return TellAsync(subject, RequesterState.Disabled, endTokens: true, cancellationToken);
    }

    private Task EnableAsync(int subject, CancellationToken cancellationToken)
    {
        if (_states[subject] != RequesterState.Disabled)
        {
            return Task.CompletedTask;
        }

        _states[subject] = RequesterState.Enabled;
        return TellAsync(subject, RequesterState.Enabled, endTokens: false, cancellationToken);
    }

    private Task RemoveAsync(int subject, CancellationToken cancellationToken)
    {
        _states[subject] = RequesterState.Removed;
        for (int identity = 0; identity < 3; identity++)
        {
            _holders[identity] = _holders[identity] == subject ? Nobody : _holders[identity];
        }

        return TellAsync(subject, RequesterState.Removed, endTokens: true, cancellationToken);
    }

    private async Task MoveAsync(int identity, int to, CancellationToken cancellationToken)
    {
        int from = _holders[identity];
        if (from == to || _states[to] == RequesterState.Removed)
        {
            return;
        }

        _holders[identity] = to;
        if (from != Nobody)
        {
            await TellAsync(from, state: null, endTokens: true, cancellationToken);
        }
    }

    private async Task AllowAsync(int identity, int subject, CancellationToken cancellationToken)
    {
        KeyIssuer issuer = life.Nodes[0].Find(LifeOfDomain.KmsUri)!;
        await life.Nodes[0].RefreshAsync(cancellationToken);
        if (issuer.GetGeneration() is not { State: GenerationState.Active } generation)
        {
            return;
        }

        await issuer.AllowMovedIdentityAsync(
            LifeOfDomain.Officer, UriOf(identity), Now, LifeOfDomain.Issuer, NameOf(subject), "replaced", "c", cancellationToken);
        KeyPeriodSchedule schedule = generation.Record.Schedule;
        _allowed.Add((schedule, schedule.At(Now).Number, identity, subject));
    }

    private Task TellAsync(int subject, RequesterState? state, bool endTokens, CancellationToken cancellationToken)
    {
        DateTimeOffset? ended = endTokens ? Now : null;
        _ended[subject] = ended ?? _ended[subject];
        long number = ++_event;
        return life.Store.AdvanceStreamAsync(
            LifeOfDomain.Issuer,
            _ => new StreamStep(
                new IssuerEvents(
                    LifeOfDomain.Issuer, 1, number, number.ToString(CultureInfo.InvariantCulture), SnapshotComplete: true, Now),
                [new SubjectUpdate(NameOf(subject), state, ended)],
                EndsSnapshot: false,
                []),
            cancellationToken);
    }

    private static string NameOf(int subject) => $"user{subject}";

    private static string UriOf(int identity) => $"sip:{identity}@x.example";

    private sealed record Token(DateTimeOffset IssuedAt, int[] Identities);

    /// <summary>A key period as far as its generation is valid.</summary>
    private sealed record Slot(DomainRecord Record, long Number, DateTimeOffset Start, DateTimeOffset End)
    {
        public static Slot? At(DomainRecord[] records, DateTimeOffset time)
        {
            DomainRecord? record = Array.FindLast(records, record =>
                (record.ValidFrom ?? DateTimeOffset.MinValue) <= time && time < (record.ValidTo ?? DateTimeOffset.MaxValue));
            if (record is null)
            {
                return null;
            }

            KeyPeriod period = record.Schedule.At(time);
            DateTimeOffset start = record.ValidFrom > period.Start ? record.ValidFrom.Value : period.Start;
            DateTimeOffset end = record.ValidTo < period.End ? record.ValidTo.Value : period.End;
            return new Slot(record, period.Number, start, end);
        }
    }
}
