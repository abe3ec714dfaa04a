using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;
using Watchword.Kms.Tests.Support;

namespace Watchword.Kms.Tests;

/// <summary>The acts of an officer on transport keys, and what requests do to them.</summary>
public sealed class TransportKeyDirectoryTests : IAsyncLifetime
{
    private const string Alice = "sip:alice@x.example";
    private const string Phone = "phone-1";
    private const string Address = "https://kms.x.example";

    private LifeOfDomain _life = null!;
    private TransportKeyVault _vault = null!;
    private TransportKeyDirectory _keys = null!;
    private TransportKeyGate _gate = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Authority Officer => LifeOfDomain.Officer;

    public async ValueTask InitializeAsync()
    {
        _life = await LifeOfDomain.CreateAsync(Token);
        _vault = new TransportKeyVault(_life.Custody);
        _keys = new TransportKeyDirectory(_life.Store, _vault, _life.Time);
        _gate = new TransportKeyGate(_life.Store, _vault, _life.Time);
    }

    public ValueTask DisposeAsync()
    {
        _vault.Dispose();
        _life.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Keys_are_exported_once_and_a_new_enrolment_makes_others()
    {
        TransportKeyClient client = await EnrolAsync();
        (client.Current!.TransportKeyId, client.Current.IntegrityKeyId).ShouldBe(
            ("tk.1.alice@x.example", "ink.1.alice@x.example"));
        using TransportKeyFile file = await ExportAsync();
        (file.KmsUri, file.KmsAddress, file.UserUri, file.ClientId).ShouldBe((LifeOfDomain.KmsUri, Address, Alice, Phone));
        string.Join(' ', file.FingerprintWords).ShouldBe(client.Current.Fingerprint);
        (await ErrorOf(ExportAsync())).ShouldBe(KmsError.TransportKeysExported);
        (await ErrorOf(EnrolAsync())).ShouldBe(KmsError.ClientEnrolled);

        (await EnrolAsync(replace: true)).Current!.TransportKeyId.ShouldBe("tk.2.alice@x.example");
        (await EnrolAsync("tablet")).Current!.TransportKeyId.ShouldBe("tk.3.alice@x.example");
        (await ErrorOf(AskAsync(file))).ShouldBe(KmsError.TransportKeyUnknown);
        using TransportKeyFile second = await ExportAsync();
        using TransportKeyExchange exchange = await AskAsync(second);
        exchange.SigningKey!.Id.ShouldBe("ink.2.alice@x.example");
        (await AuditAsync()).Select(entry => entry.Detail).ShouldBe(
        [
            "client phone-1: enrolled: tk.1.alice@x.example and ink.1.alice@x.example",
            "client phone-1: exported: tk.1.alice@x.example and ink.1.alice@x.example",
            "client phone-1: enrolled anew, what it had is void: tk.2.alice@x.example and ink.2.alice@x.example",
            "client tablet: enrolled: tk.3.alice@x.example and ink.3.alice@x.example",
            "client phone-1: exported: tk.2.alice@x.example and ink.2.alice@x.example",
        ]);
    }

    [Theory]
    [InlineData("", Phone)]
    [InlineData("alice", Phone)]
    [InlineData("sip:a\nb", Phone)]
    [InlineData(Alice, "")]
    [InlineData(Alice, "a\0")]
    [InlineData(Alice, null)]
    public async Task What_no_request_could_say_is_not_enrolled(string userUri, string? clientId)
    {
        TransportKeyEnrolment enrolment = new(LifeOfDomain.KmsUri, userUri, clientId ?? new string('x', 257));
        (await ErrorOf(_keys.EnrolAsync(Officer, enrolment, "c", Token))).ShouldBe(KmsError.EnrolmentMalformed);
        (await AuditAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task There_are_no_keys_of_an_unknown_domain_or_client()
    {
        (await ErrorOf(_keys.EnrolAsync(Officer, new TransportKeyEnrolment("kms.y", Alice, Phone), "c", Token)))
            .ShouldBe(KmsError.UnknownDomain);
        (await ErrorOf(ExportAsync())).ShouldBe(KmsError.ClientNotEnrolled);
        (await ErrorOf(RotateAsync())).ShouldBe(KmsError.ClientNotEnrolled);
        (await ErrorOf(_keys.RevokeAsync(Officer, LifeOfDomain.KmsUri, Alice, Phone, "r", "c", Token)))
            .ShouldBe(KmsError.ClientNotEnrolled);
        await EnrolAsync();
        (await ErrorOf(RotateAsync())).ShouldBe(KmsError.ClientNotEnrolled);
    }

    [Fact]
    public async Task Imported_keys_are_used_and_never_given_back()
    {
        using TransportKey transportKey = TransportKey.Generate("made-elsewhere");
        using IntegrityKey integrityKey = IntegrityKey.Generate("made-elsewhere-too");
        TransportKeyEnrolment phone = new(LifeOfDomain.KmsUri, Alice, Phone);
        await _keys.ImportAsync(Officer, phone, transportKey, integrityKey, "c", Token);
        (await ErrorOf(ExportAsync())).ShouldBe(KmsError.TransportKeysExported);
        (await ErrorOf(_keys.ImportAsync(Officer, phone with { ClientId = "tablet" }, transportKey, null, "c", Token)))
            .ShouldBe(KmsError.TransportKeyIdTaken);
        using IntegrityKey sameId = IntegrityKey.Generate("made-elsewhere");
        (await ErrorOf(_keys.ImportAsync(Officer, phone with { Replace = true }, transportKey, sameId, "c", Token)))
            .ShouldBe(KmsError.TransportKeyIdTaken);
        using TransportKeyFile file = new(
            LifeOfDomain.KmsUri, Address, Alice, Phone, Copy(transportKey), Copy(integrityKey), _life.Time.GetUtcNow());
        using TransportKeyExchange exchange = await AskAsync(file);
        exchange.SigningKey!.Id.ShouldBe("made-elsewhere-too");
    }

    [Fact]
    public async Task A_number_whose_ids_an_imported_key_has_is_passed_over()
    {
        using TransportKey taken = TransportKey.Generate("tk.2.alice@x.example");
        await _keys.ImportAsync(
            Officer, new TransportKeyEnrolment(LifeOfDomain.KmsUri, Alice, "tablet"), taken, null, "c", Token);
        (await EnrolAsync()).Current!.TransportKeyId.ShouldBe("tk.3.alice@x.example");
    }

    [Fact]
    public async Task A_row_under_another_client_does_not_open()
    {
        await EnrolAsync();
        TransportKeyPair pair = (await _keys.FindAsync(LifeOfDomain.KmsUri, Alice, Phone, Token))!.Current!;
        await EnrolAsync("tablet");
        await _life.Store.ChangeTransportKeyClientAsync(
            LifeOfDomain.KmsUri,
            Alice,
            all => new TransportKeyStep(all.Single(one => one.ClientId == "tablet") with { Pairs = [pair] }, []),
            Token);
        (await ErrorOf(ExportAsync("tablet"))).ShouldBe(KmsError.SealedSecretNotOpened);
        (await _keys.FindAsync(LifeOfDomain.KmsUri, Alice, "tablet", Token))!.IsExportable.ShouldBeTrue();
    }

    [Fact]
    public async Task Requests_at_the_same_time_and_out_of_order_agree_on_the_keys()
    {
        await EnrolAsync();
        using TransportKeyFile old = await ExportAsync();
        await RotateAsync();
        using TransportKeyFile renewed = await TakeAsync(old);
        renewed.IntegrityKey.Id.ShouldBe("ink.2.alice@x.example");

        // Devices with the same client id, old and new keys, all at once: who comes with the old before the new are seen is
        // served, whoever comes after is not, and in the end there is one pair.
        Task<TransportKeyExchange>[] asked = [.. Enumerable.Range(0, 16).Select(
            i => Task.Run(() => AskAsync(i % 2 == 0 ? old : renewed, after: i)))];
        await Task.WhenAll(asked.Select(one => one.ContinueWith(_ => { }, TaskScheduler.Default)));
        for (int i = 0; i < asked.Length; i++)
        {
            if (i % 2 == 1 || asked[i].IsCompletedSuccessfully)
            {
                using TransportKeyExchange exchange = await asked[i];
                exchange.NewTransportKeys.Count.ShouldBe(i % 2 == 0 ? 1 : 0);
            }
            else
            {
                (await ErrorOf(asked[i])).ShouldBe(KmsError.TransportKeyUnknown);
            }
        }

        TransportKeyClient after = (await _keys.FindAsync(LifeOfDomain.KmsUri, Alice, Phone, Token))!;
        after.Pairs.ShouldHaveSingleItem().TransportKeyId.ShouldBe("tk.2.alice@x.example");
        (await AuditAsync()).Count(entry => entry.Detail!.Contains("in use", StringComparison.Ordinal)).ShouldBe(1);
        (await ErrorOf(AskAsync(old, after: 50))).ShouldBe(KmsError.TransportKeyUnknown);
    }

    [Fact]
    public async Task Replaced_keys_fetch_the_new_ones_for_as_long_as_the_policy_says()
    {
        TransportKeyPolicy policy = new() { KeepReplaced = TimeSpan.FromHours(1) };
        await EnrolAsync();
        using TransportKeyFile old = await ExportAsync();
        await RotateAsync();
        using TransportKeyFile renewed = await TakeAsync(old);
        (await AskAsync(renewed, policy)).Dispose();
        using (TransportKeyExchange other = await AskAsync(old, policy, after: 1))
        {
            other.NewTransportKeys.Single().CarriedKeyName.ShouldBe("tk.2.alice@x.example");
            other.TransportKey.Id.ShouldBe("tk.1.alice@x.example");
        }

        _life.Time.Advance(TimeSpan.FromHours(1));
        (await ErrorOf(AskAsync(old, policy))).ShouldBe(KmsError.TransportKeyUnknown);
        (await AskAsync(renewed, policy)).Dispose();
    }

    [Fact]
    public async Task Keys_of_an_age_are_replaced_with_the_next_request()
    {
        TransportKeyPolicy policy = new() { RotateAfter = TimeSpan.FromDays(30) };
        await EnrolAsync();
        using TransportKeyFile file = await ExportAsync();
        using (TransportKeyExchange young = await AskAsync(file, policy))
        {
            young.NewTransportKeys.ShouldBeEmpty();
        }

        _life.Time.Advance(TimeSpan.FromDays(30));
        for (int i = 0; i < 2; i++)
        {
            using TransportKeyExchange due = await AskAsync(file, policy, after: i);
            due.NewTransportKeys.Single().CarriedKeyName.ShouldBe("tk.2.alice@x.example");
        }

        (await AuditAsync())[^1].Role.ShouldBe("policy");
    }

    [Fact]
    public async Task Many_clients_are_rotated_by_age_and_the_act_may_be_repeated()
    {
        for (int i = 0; i < 3; i++)
        {
            await EnrolAsync($"old-{i}");
            (await ExportAsync($"old-{i}")).Dispose();
        }

        DateTimeOffset before = _life.Time.GetUtcNow().AddSeconds(1);
        _life.Time.Advance(TimeSpan.FromSeconds(2));
        await EnrolAsync("young");
        (await ExportAsync("young")).Dispose();
        await EnrolAsync("not-exported");
        await _keys.RevokeAsync(Officer, LifeOfDomain.KmsUri, Alice, "old-0", "lost", "c", Token);

        RotationChoice old = new(before);
        (await _keys.MeasureRotationAsync(LifeOfDomain.KmsUri, old, Token)).ShouldBe(new RotationReach(2, 0));
        (await _keys.RotateAllAsync(Officer, LifeOfDomain.KmsUri, old, "c", Token)).ShouldBe(new RotationReach(2, 0));
        (await _keys.RotateAllAsync(Officer, LifeOfDomain.KmsUri, old, "c", Token)).ShouldBe(new RotationReach(0, 2));
        (await _keys.RotateAllAsync(Officer, LifeOfDomain.KmsUri, new RotationChoice(null), "c", Token))
            .ShouldBe(new RotationReach(1, 2));
        TransportKeyClient[] all = await _keys.ReadAsync(LifeOfDomain.KmsUri, Token).ToArrayAsync(Token);
        all.Select(client => client.Pairs.Count).ShouldBe([1, 0, 2, 2, 2]);
        all.SelectMany(client => client.Pairs).Select(pair => pair.TransportKeyId).Distinct().Count().ShouldBe(7);
    }

    [Fact]
    public async Task A_request_whose_keys_are_withdrawn_while_it_is_answered_gets_nothing()
    {
        await EnrolAsync();
        using TransportKeyFile file = await ExportAsync();
        SignedKmsRequest document = Sign(file, _life.Time.GetUtcNow());
        (KmsRequest request, TransportKeyExchange exchange) = await _gate.VerifyAsync(Applicant(new()), document, Token);
        using (exchange)
        {
            await _keys.RevokeAsync(Officer, LifeOfDomain.KmsUri, Alice, Phone, "stolen", "c", Token);
            (await ErrorOf(_gate.AcceptAsync(Applicant(new()), exchange, document, request, request.Time, Token)))
                .ShouldBe(KmsError.TransportKeyUnknown);
        }
    }

    [Fact]
    public async Task What_cannot_be_recorded_does_not_happen()
    {
        await EnrolAsync();
        using TransportKeyFile old = await ExportAsync();
        await EnrolAsync("tablet");
        await EnrolAsync("third");
        (await ExportAsync("third")).Dispose();
        await RotateAsync();
        using TransportKeyFile renewed = await TakeAsync(old);
        await _life.RefuseAuditAsync(Token);

        // The request that proves the new pair: it is not answered, and both pairs stay as they were.
        (await ErrorOf(AskAsync(renewed))).ShouldBe(KmsError.StoreUnavailable);
        using (TransportKeyExchange again = await AskAsync(old))
        {
            again.NewTransportKeys.Single().CarriedKeyName.ShouldBe(renewed.TransportKey.Id);
        }

        (await ErrorOf(ExportAsync("tablet"))).ShouldBe(KmsError.StoreUnavailable);
        (await _keys.FindAsync(LifeOfDomain.KmsUri, Alice, "tablet", Token))!.IsExportable.ShouldBeTrue();
        (await ErrorOf(_keys.RotateAsync(Officer, LifeOfDomain.KmsUri, Alice, "third", "c", Token)))
            .ShouldBe(KmsError.StoreUnavailable);
        (await _keys.FindAsync(LifeOfDomain.KmsUri, Alice, "third", Token))!.Pending.ShouldBeNull();
        (await ErrorOf(EnrolAsync("fourth"))).ShouldBe(KmsError.StoreUnavailable);
        (await _keys.FindAsync(LifeOfDomain.KmsUri, Alice, "fourth", Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Without_signatures_the_declared_transport_key_says_what_wraps_and_ends_no_rotation()
    {
        TransportKeyPolicy off = new() { SignedRequests = SignedRequests.Off };
        await EnrolAsync();
        using TransportKeyFile file = await ExportAsync();
        await RotateAsync();
        using (TransportKeyExchange silent = (await _gate.AdmitUnsignedAsync(Applicant(off), null, Token))!)
        {
            silent.SigningKey.ShouldBeNull();
            silent.TransportKey.Id.ShouldBe(file.TransportKey.Id);
            silent.NewTransportKeys.Single().CarriedKeyName.ShouldBe("tk.2.alice@x.example");
        }

        using (TransportKeyExchange holds = (await _gate.AdmitUnsignedAsync(
            Applicant(off), Plain("tk.2.alice@x.example"), Token))!)
        {
            holds.TransportKey.Id.ShouldBe("tk.2.alice@x.example");
            holds.NewTransportKeys.ShouldBeEmpty();
        }

        // Whoever has but the token could say so: the first keys are still the current ones, and still do.
        using (TransportKeyExchange still = (await _gate.AdmitUnsignedAsync(
            Applicant(off), Plain("tk.1.alice@x.example"), Token))!)
        {
            still.TransportKey.Id.ShouldBe(file.TransportKey.Id);
            still.NewTransportKeys.Single().CarriedKeyName.ShouldBe("tk.2.alice@x.example");
        }

        (await ErrorOf(_gate.AdmitUnsignedAsync(Applicant(off), Plain("tk.9.alice@x.example"), Token)))
            .ShouldBe(KmsError.TransportKeyNotHeld);
        (await _gate.AdmitUnsignedAsync(Applicant(off), Plain(null, "another"), Token)).ShouldBeNull();
        await _keys.RevokeAsync(Officer, LifeOfDomain.KmsUri, Alice, Phone, "r", "c", Token);
        (await ErrorOf(_gate.AdmitUnsignedAsync(Applicant(off), Plain(null), Token))).ShouldBe(KmsError.TransportKeyUnknown);
        (await _gate.AdmitUnsignedAsync(Applicant(off), null, Token)).ShouldBeNull();
    }

    private KmsRequest Plain(string? transportKeyId, string clientId = Phone) => new()
    {
        UserUri = Alice,
        KmsUri = LifeOfDomain.KmsUri,
        Time = _life.Time.GetUtcNow(),
        ClientId = clientId,
        ClientReqUrl = Address + AnnexDPaths.Init,
        TransportKeyId = transportKeyId,
    };

    private static TransportKeyApplicant Applicant(TransportKeyPolicy policy) =>
        new(LifeOfDomain.KmsUri, policy, LifeOfDomain.Issuer, "alice", [Alice], "c");

    private static TransportKey Copy(TransportKey key)
    {
        byte[] octets = new byte[32];
        key.Export(octets);
        return TransportKey.Import(key.Id, octets);
    }

    private static IntegrityKey Copy(IntegrityKey key)
    {
        byte[] octets = new byte[32];
        key.Export(octets);
        return IntegrityKey.Import(key.Id, octets);
    }

    private static SignedKmsRequest Sign(TransportKeyFile file, DateTimeOffset time)
    {
        using MemoryStream body = new();
        new KmsRequest
        {
            UserUri = Alice,
            KmsUri = LifeOfDomain.KmsUri,
            Time = time,
            ClientId = file.ClientId,
            ClientReqUrl = Address + AnnexDPaths.Init,
            TransportKeyId = file.TransportKey.Id,
        }.WriteSignedTo(body, file.IntegrityKey);
        return SignedKmsRequest.Parse(body.ToArray());
    }

    private async Task<TransportKeyExchange> AskAsync(TransportKeyFile file, TransportKeyPolicy? policy = null, int after = 0)
    {
        TransportKeyApplicant applicant = Applicant(policy ?? new());
        SignedKmsRequest document = Sign(file, _life.Time.GetUtcNow().AddMilliseconds(after));
        (KmsRequest request, TransportKeyExchange exchange) = await _gate.VerifyAsync(applicant, document, Token);
        try
        {
            await _gate.AcceptAsync(applicant, exchange, document, request, request.Time.AddSeconds(30), Token);
            return exchange;
        }
        catch
        {
            exchange.Dispose();
            throw;
        }
    }

    /// <summary>What a client holds after it took the new keys of an answer.</summary>
    private async Task<TransportKeyFile> TakeAsync(TransportKeyFile held)
    {
        using TransportKeyExchange exchange = await AskAsync(held, after: 900);
        exchange.NewTransportKeys.Single().TryUnwrapTransportKey(held.TransportKey, out TransportKey? transportKey, out _)
            .ShouldBeTrue();
        exchange.NewIntegrityKeys.Single().TryUnwrapIntegrityKey(held.TransportKey, out IntegrityKey? integrityKey, out _)
            .ShouldBeTrue();
        return new TransportKeyFile(
            held.KmsUri, held.KmsAddress, held.UserUri, held.ClientId, transportKey!, integrityKey!, held.Created);
    }

    private Task<TransportKeyClient> EnrolAsync(string clientId = Phone, bool replace = false) => _keys.EnrolAsync(
        Officer, new TransportKeyEnrolment(LifeOfDomain.KmsUri, Alice, clientId) { Replace = replace }, "c", Token);

    private Task<TransportKeyFile> ExportAsync(string clientId = Phone) =>
        _keys.ExportAsync(Officer, LifeOfDomain.KmsUri, Alice, clientId, Address, "c", Token);

    private Task<TransportKeyClient> RotateAsync() => _keys.RotateAsync(Officer, LifeOfDomain.KmsUri, Alice, Phone, "c", Token);

    private async Task<List<AuditEntry>> AuditAsync() => await _life.Store.ReadAuditAsync(Token).Select(record => record.Entry)
        .Where(entry => entry.Kind == AuditKind.TransportKey).ToListAsync(Token);

    private static async Task<KmsError> ErrorOf(Task task) => (await Should.ThrowAsync<KmsException>(task)).Error;
}
