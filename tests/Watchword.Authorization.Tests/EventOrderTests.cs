using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Watchword.Authorization.Tests.Hosting;
using Watchword.Identity;

namespace Watchword.Authorization.Tests;

/// <summary>
/// The rule of order against a network that loses, repeats and reorders at will: at every moment the receiver's picture is exactly what
/// the issuer's was after the event that the receiver says it has, and a heartbeat that counts was true.
/// </summary>
public sealed class EventOrderTests
{
    private const string Issuer = "https://idms.mc.example.org";
    private static readonly string[] Subjects = ["alice", "bob", "carol"];

    private static readonly Gen<(int Kind, int Number)[]> Steps =
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 1_000_000], (kind, number) => (kind, number)).Array[20, 150];

    [Fact]
    public void The_receiver_knows_what_it_says_it_knows() => Steps.Sample(steps => Run(steps), seed: "0000KxrLN0K1", iter: 3000, threads: 1);

    private static void Run((int Kind, int Number)[] steps)
    {
        FakeTimeProvider time = new(TestClaims.Now);
        MemorySecurityEventSink sink = new(time);
        Transmitter issuer = new(time);
        foreach ((int kind, int number) in steps)
        {
            switch (kind)
            {
                case 0:
                    issuer.Begin(pages: 1 + (number % 3));
                    break;
                case 1 or 2:
                    issuer.Change(Subjects[number % 3], (SubjectState)(number / 3 % 3));
                    break;
                case 3:
                    issuer.Heartbeat();
                    break;
                case 4:
                    time.Advance(TimeSpan.FromSeconds(1));
                    break;
                case 5:
                    // What comes next by the rules, so that a run gets anywhere at all.
                    Deliver(sink, issuer, issuer.After(sink.GetStreamStateAsync(Issuer, default).AsTask().Result));
                    break;
                default:
                    Deliver(sink, issuer, issuer.Sent[number % issuer.Sent.Count]);
                    break;
            }
        }
    }

    private static void Deliver(MemorySecurityEventSink sink, Transmitter issuer, SecurityEvent? message)
    {
        if (message is null)
        {
            return;
        }

        EventStreamState? before = sink.GetStreamStateAsync(Issuer, default).AsTask().Result;
        SecurityEventOutcome outcome = sink.AcceptAsync(message, default).Result;
        EventStreamState? after = sink.GetStreamStateAsync(Issuer, default).AsTask().Result;
        after.ShouldBe(outcome.Stream);
        if (outcome.Outcome != StreamOutcome.Applied)
        {
            after.ShouldBe(before);
        }

        if (after is not { SnapshotComplete: true })
        {
            return;
        }

        Dictionary<string, SubjectState> truth = issuer.Truth[(after.Epoch, after.Sequence)];
        foreach (string subject in Subjects)
        {
            sink.GetStandingAsync(Issuer, subject, default).AsTask().Result.State.ShouldBe(truth.GetValueOrDefault(subject));
        }

        if (message.IsHeartbeat && outcome.Outcome == StreamOutcome.Applied)
        {
            after.CompleteAt.ShouldBe(message.IssuedAt);
            issuer.NewestAt[message.Jti].ShouldBe((after.Epoch, after.Sequence));
        }
    }

    /// <summary>An issuer that keeps every message that it ever sent, and what was true after each of its events.</summary>
    private sealed class Transmitter
    {
        private readonly FakeTimeProvider _time;
        private readonly Dictionary<string, SubjectState> _now = [];
        private long _epoch;
        private long _sequence;
        private int _messages;

        public Transmitter(FakeTimeProvider time)
        {
            _time = time;
            Begin(pages: 1);
        }

        public List<SecurityEvent> Sent { get; } = [];

        public Dictionary<(long Epoch, long Sequence), Dictionary<string, SubjectState>> Truth { get; } = [];

        public Dictionary<string, (long Epoch, long Sequence)> NewestAt { get; } = [];

        public void Begin(int pages)
        {
            (_epoch, _sequence) = (_epoch + 1, 0);
            for (int page = 1; page <= pages; page++)
            {
                // Whom the first pages do not have, the last one has.
                SubjectChange[] changes = [.. _now
                    .Where(entry => entry.Value != SubjectState.Enabled && (page == pages || entry.Key == Subjects[page - 1]))
                    .Select(entry => new SubjectChange(entry.Key, entry.Value, null))];
                Send(SecurityEventTypes.Snapshot, envelope => envelope.With(page == 1, page == pages, changes));
            }
        }

        public void Change(string subject, SubjectState state)
        {
            _now[subject] = state;
            Send(SecurityEventTypes.AccountDisabled, envelope => envelope.With(subject, [], new SubjectChange(subject, state, null)));
        }

        public void Heartbeat()
        {
            string newest = Sent.Last(message => !message.IsHeartbeat).Jti;
            SecurityEvent heartbeat = new SecurityEvent(
                Issuer, SecurityEventTypes.Heartbeat, $"m{_messages++}", _epoch, _sequence, _time.GetUtcNow(), _time.GetUtcNow())
                .With(heartbeat: true, newest);
            NewestAt[heartbeat.Jti] = (_epoch, _sequence);
            Sent.Add(heartbeat);
        }

        public SecurityEvent? After(EventStreamState? known) => Sent.FirstOrDefault(message => !message.IsHeartbeat
            && (known?.Epoch == _epoch ? (message.Epoch, message.Sequence) == (_epoch, known.Sequence + 1) : (message.Epoch, message.Sequence) == (_epoch, 1)));

        private void Send(string type, Func<SecurityEvent, SecurityEvent> complete)
        {
            _sequence++;
            Sent.Add(complete(new SecurityEvent(Issuer, type, $"m{_messages++}", _epoch, _sequence, _time.GetUtcNow(), _time.GetUtcNow())));
            Truth[(_epoch, _sequence)] = new Dictionary<string, SubjectState>(_now);
        }
    }
}
