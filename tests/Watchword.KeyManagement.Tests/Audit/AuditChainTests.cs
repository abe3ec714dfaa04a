using Watchword.KeyManagement.Audit;

namespace Watchword.KeyManagement.Tests.Audit;

public sealed class AuditChainTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_chain_of_intents_and_outcomes_holds()
    {
        AuditVerification verification = AuditChain.Verify(Chain(5));
        verification.IsValid.ShouldBeTrue();
        verification.Records.ShouldBe(11);
        verification.OpenIntents.ShouldBeEmpty();
    }

    [Fact]
    public void An_empty_chain_holds() => AuditChain.Verify([]).IsValid.ShouldBeTrue();

    [Fact]
    public void An_intent_without_outcome_is_reported_and_no_fault()
    {
        AuditVerification verification = AuditChain.Verify(Chain(5)[..^1]);
        verification.IsValid.ShouldBeTrue();
        verification.OpenIntents.ShouldBe([10L]);
    }

    [Fact]
    public void A_record_that_was_removed_is_found()
    {
        List<AuditRecord> chain = [.. Chain(5)];
        chain.RemoveAt(3);
        Fault(chain).ShouldBe((AuditFault.SequenceGap, 5L));
    }

    [Fact]
    public void A_cut_end_is_found_with_a_head_written_down_earlier()
    {
        AuditRecord[] chain = Chain(5);
        AuditVerification verification = AuditChain.Verify(chain[..^2], chain[^1].ToHead());
        (verification.Fault, verification.BrokenAt).ShouldBe((AuditFault.EndMissing, (long?)10L));
    }

    [Fact]
    public void A_chain_written_anew_is_found_with_a_head_written_down_earlier()
    {
        AuditHead head = Chain(5)[4].ToHead();
        AuditVerification verification = AuditChain.Verify(Chain(5, subject: "mallory"), head);
        verification.Fault.ShouldBe(AuditFault.ContentChanged);
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Any_changed_field_is_found(string field)
    {
        AuditRecord[] chain = Chain(5);
        AuditRecord old = chain[4];
        chain[4] = Changed(old, field);
        Fault(chain).ShouldBe((field == "previous" ? AuditFault.BrokenLink : AuditFault.ContentChanged, 5L));
    }

    public static TheoryData<string> Changes() =>
    [
        "previous", "hash", "time", "kind", "kmsUri", "generation", "correlation", "issuer", "issuer-null", "subject", "userUri",
        "service", "period", "period-null", "userId", "token", "intent", "result", "moved",
        "role", "detail", "keySets",
    ];

    [Fact]
    public void Time_that_runs_backwards_is_found()
    {
        AuditRecord first = AuditRecord.Append(AuditHead.Empty, Start, Entry(AuditKind.Custody));
        AuditRecord second = AuditRecord.Append(first.ToHead(), Start.AddMilliseconds(-1), Entry(AuditKind.Custody));
        Fault([first, second]).ShouldBe((AuditFault.TimeRunsBackwards, 2L));
    }

    [Fact]
    public void An_outcome_needs_its_own_intent()
    {
        AuditRecord intent = AuditRecord.Append(AuditHead.Empty, Start, Entry(AuditKind.Intent, "sip:a@x.example"));
        AuditRecord other = AuditRecord.Append(intent.ToHead(), Start, Entry(AuditKind.Outcome, "sip:b@x.example", intent: 1));
        Fault([intent, other]).ShouldBe((AuditFault.OutcomeWithoutIntent, 2L));

        AuditRecord right = AuditRecord.Append(intent.ToHead(), Start, Entry(AuditKind.Outcome, "sip:a@x.example", intent: 1));
        AuditRecord twice = AuditRecord.Append(right.ToHead(), Start, Entry(AuditKind.Outcome, "sip:a@x.example", intent: 1));
        Fault([intent, right, twice]).ShouldBe((AuditFault.OutcomeWithoutIntent, 3L));

        AuditRecord none = AuditRecord.Append(intent.ToHead(), Start, Entry(AuditKind.Outcome, "sip:a@x.example"));
        Fault([intent, none]).ShouldBe((AuditFault.OutcomeWithoutIntent, 2L));
    }

    [Fact]
    public void Neither_encoding_ever_changes()
    {
        // Computed by an independent program from the description: a chain written by an older release must still verify.
        const string first = "B71E74EF90EF374D58DF4F193D82C2B79B04DF04AFA98CBD974AC07201C263B4";
        AuditEntry old = Entry(AuditKind.Intent, "sip:a@x.example");
        AuditRecord restored = AuditRecord.Restore(1, 1, AuditHead.Empty.Hash, Start, old, Convert.FromHexString(first));
        AuditChain.Verify([restored]).IsValid.ShouldBeTrue();

        AuditKeySet[] keySets =
        [
            new("sip:a@x.example", "mcptt", new byte[32], default), new("sip:b@x.example", "mcptt", new byte[32], default),
        ];
        AuditEntry entry = new()
        {
            Kind = AuditKind.Intent, KmsUri = "kms.x.example", Generation = 1, CorrelationId = "c0ffee",
            Issuer = "https://idm.x.example", Subject = "subject", KeyPeriodNumber = 1530, Detail = "why", KeySets = keySets,
        };
        Convert.ToHexString(AuditRecord.Append(AuditHead.Empty, Start, entry).Hash.Span)
            .ShouldBe("6C6314E48A40E8FD6C5353EB496E0E5A32ADC7279E9E7A302C948122BFE18134");
    }

    [Fact]
    public void A_record_of_the_old_format_cannot_stand_without_a_hash()
    {
        AuditRecord[] chain = Chain(5);
        AuditEntry entry = new()
        {
            Kind = AuditKind.Custody, KmsUri = "kms.x.example", Generation = 1, CorrelationId = "c", Detail = "not hashed",
        };
        AuditRecord forged = AuditRecord.Restore(
            1, chain[^1].Sequence + 1, chain[^1].Hash, chain[^1].Time, entry, ReadOnlyMemory<byte>.Empty);
        Fault([.. chain, forged]).ShouldBe((AuditFault.ContentChanged, forged.Sequence));
    }

    [Fact]
    public void A_chain_goes_on_in_the_new_format_where_the_old_one_ends()
    {
        AuditEntry entry = Entry(AuditKind.Intent, "sip:a@x.example");
        AuditRecord old = AuditRecord.Restore(
            1, 1, AuditHead.Empty.Hash, Start, entry, Convert.FromHexString("B71E74EF90EF374D58DF4F193D82C2B79B04DF04AFA98CBD974AC07201C263B4"));
        AuditRecord outcome = AuditRecord.Append(old.ToHead(), Start, Entry(AuditKind.Outcome, "sip:a@x.example", intent: 1));
        AuditVerification verification = AuditChain.Verify([old, outcome]);
        (verification.IsValid, verification.Records, verification.OpenIntents.Count).ShouldBe((true, 2, 0));
    }

    [Theory]
    [InlineData(1, AuditFault.ContentChanged)]
    [InlineData(0, AuditFault.UnknownFormat)]
    [InlineData(3, AuditFault.UnknownFormat)]
    public void The_format_of_a_record_cannot_be_changed(int format, AuditFault fault)
    {
        AuditRecord record = AuditRecord.Append(AuditHead.Empty, Start, Entry(AuditKind.Custody));
        AuditRecord changed =
            AuditRecord.Restore(format, record.Sequence, record.PreviousHash, record.Time, record.Entry, record.Hash);
        Fault([changed]).ShouldBe((fault, 1L));
    }

    [Theory]
    [MemberData(nameof(OutcomeChanges))]
    public void An_outcome_lists_the_key_sets_of_its_intent(string change)
    {
        AuditRecord intent = AuditRecord.Append(AuditHead.Empty, Start, Batch(AuditKind.Intent, null));
        AuditRecord outcome = AuditRecord.Append(intent.ToHead(), Start, Batch(AuditKind.Outcome, change));
        Fault([intent, outcome]).ShouldBe(change == "none" ? (AuditFault.None, null) : (AuditFault.OutcomeWithoutIntent, 2L));
    }

    public static TheoryData<string> OutcomeChanges() =>
        ["none", "missing", "more", "order", "uri", "service", "userId", "subject", "period", "generation"];

    [Fact]
    public void An_entry_that_no_store_could_hold_exactly_is_refused()
    {
        static void Refused(AuditEntry entry) =>
            Should.Throw<ArgumentException>(() => AuditRecord.Append(AuditHead.Empty, Start, entry));
        Refused(With("a\0b", 0));
        Refused(With("a\ud800b", 0));
        Refused(With(new string('a', AuditEntry.MaxDetailLength + 1), 0));
        Refused(With(null, AuditEntry.MaxKeySets + 1));
        AuditRecord.Append(AuditHead.Empty, Start, With("a\U0001f511", AuditEntry.MaxKeySets)).Sequence.ShouldBe(1);

        static AuditEntry With(string? detail, int keySets) => new()
        {
            Kind = AuditKind.Administration, KmsUri = "k", Generation = 1, CorrelationId = "c", Detail = detail,
            KeySets = [.. Enumerable.Repeat(new AuditKeySet("u", "s", new byte[32], default), keySets)],
        };
    }

    private static AuditEntry Batch(AuditKind kind, string? change)
    {
        byte[] token = kind == AuditKind.Outcome ? new byte[32] : [];
        List<AuditKeySet> keySets =
        [
            new("sip:a@x.example", "mcptt", new byte[32], token), new("sip:b@x.example", "mcdata", new byte[32], token),
        ];
        switch (change)
        {
            case "missing": keySets.RemoveAt(1); break;
            case "more": keySets.Add(keySets[1]); break;
            case "order": keySets.Reverse(); break;
            case "uri": keySets[1] = keySets[1] with { UserUri = "sip:c@x.example" }; break;
            case "service": keySets[1] = keySets[1] with { Service = "mcptt" }; break;
            case "userId": keySets[1] = keySets[1] with { UserId = Flipped(keySets[1].UserId) }; break;
            default: break;
        }

        return new AuditEntry
        {
            Kind = kind,
            KmsUri = "kms.x.example",
            Generation = change == "generation" ? 2 : 1,
            CorrelationId = "c0ffee",
            Issuer = "https://idm.x.example",
            Subject = change == "subject" ? "other" : "subject",
            KeyPeriodNumber = change == "period" ? 1531 : 1530,
            IntentSequence = kind == AuditKind.Outcome ? 1 : null,
            KeySets = keySets,
        };
    }

    private static (AuditFault Fault, long? At) Fault(IEnumerable<AuditRecord> chain)
    {
        AuditVerification verification = AuditChain.Verify(chain);
        return (verification.Fault, verification.BrokenAt);
    }

    private static AuditRecord[] Chain(int pairs, string subject = "subject")
    {
        List<AuditRecord> chain = [AuditRecord.Append(AuditHead.Empty, Start, Entry(AuditKind.Custody))];
        for (int pair = 0; pair < pairs; pair++)
        {
            string uri = $"sip:user{pair}@x.example";
            AuditRecord intent = AuditRecord.Append(
                chain[^1].ToHead(), Start.AddSeconds(pair), Entry(AuditKind.Intent, uri, subject: subject));
            chain.Add(intent);
            chain.Add(AuditRecord.Append(
                intent.ToHead(), Start.AddSeconds(pair), Entry(
                    AuditKind.Outcome, uri, subject: subject, intent: intent.Sequence)));
        }

        return [.. chain];
    }

    private static AuditEntry Entry(AuditKind kind, string? uri = null, string subject = "subject", long? intent = null) => new()
    {
        Kind = kind,
        KmsUri = "kms.x.example",
        Generation = 1,
        CorrelationId = "c0ffee",
        Issuer = uri is null ? null : "https://idm.x.example",
        Subject = uri is null ? null : subject,
        UserUri = uri,
        Service = uri is null ? null : "mcptt",
        KeyPeriodNumber = uri is null ? null : 1530,
        UserId = uri is null ? default : new byte[32],
        PublicTokenHash = kind == AuditKind.Outcome ? new byte[32] : default,
        IntentSequence = intent,
    };

    private static AuditRecord Changed(AuditRecord old, string field)
    {
        AuditEntry was = old.Entry;
        AuditEntry entry = new()
        {
            Kind = field == "kind" ? AuditKind.Denied : was.Kind,
            KmsUri = field == "kmsUri" ? "kms.y.example" : was.KmsUri,
            Generation = field == "generation" ? 2 : was.Generation,
            CorrelationId = field == "correlation" ? "decaff" : was.CorrelationId,
            Issuer = field switch { "issuer" => "https://idm.y.example", "issuer-null" => null, _ => was.Issuer },
            Subject = field == "subject" ? "other" : field == "moved" ? was.Subject + was.UserUri![..1] : was.Subject,
            UserUri = field == "userUri" ? "sip:m@x.example" : field == "moved" ? was.UserUri![1..] : was.UserUri,
            Service = field == "service" ? "mcdata" : was.Service,
            KeyPeriodNumber = field switch { "period" => 1531, "period-null" => null, _ => was.KeyPeriodNumber },
            UserId = field == "userId" ? Flipped(was.UserId) : was.UserId,
            PublicTokenHash = field == "token" ? Flipped(was.PublicTokenHash) : was.PublicTokenHash,
            IntentSequence = field == "intent" ? 2 : was.IntentSequence,
            Result = field == "result" ? 50002 : was.Result,
            Role = field == "role" ? "auditor" : was.Role,
            Detail = field == "detail" ? string.Empty : was.Detail,
            KeySets = field == "keySets" ? [new AuditKeySet("sip:m@x.example", "mcptt", new byte[32], default)] : was.KeySets,
        };
        return AuditRecord.Restore(
            old.Format,
            old.Sequence,
            field == "previous" ? Flipped(old.PreviousHash) : old.PreviousHash,
            field == "time" ? old.Time.AddMilliseconds(1) : old.Time,
            entry,
            field == "hash" ? Flipped(old.Hash) : old.Hash);
    }

    private static byte[] Flipped(ReadOnlyMemory<byte> octets)
    {
        byte[] copy = octets.ToArray();
        copy[^1] ^= 1;
        return copy;
    }
}
