using System.Net;
using System.Text;
using Watchword.Client.Tests.Support;
using Watchword.KeyManagement;
using static Watchword.Client.Tests.Support.TestProfile;

namespace Watchword.Client.Tests;

/// <summary>The security extension (TS 33.180 D.1) as a client sees it, and a rotation that loses something at every point.</summary>
public sealed class TransportKeyTests : IAsyncLifetime
{
    private readonly TestProfile _profile = new();
    private readonly TestKms _kms;
    private readonly TestEnrolment _enrolment = new();
    private KeyStore _store = null!;
    private TokenCache _tokens = null!;

    public TransportKeyTests() => _kms = new TestKms(_profile.Time) { Enrolment = _enrolment };

    public async ValueTask InitializeAsync()
    {
        _store = await _profile.OpenAsync();
        _tokens = await _profile.LogInToStoreAsync(_store);
        Enrol(_enrolment);
    }

    public ValueTask DisposeAsync()
    {
        _store.Dispose();
        _kms.Dispose();
        _enrolment.Dispose();
        _profile.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Every_request_is_signed_and_names_client_and_keys_from_the_first_one_on()
    {
        using KmClient client = Client();

        _ = await client.ProvisionAsync();

        _enrolment.Verified.Count.ShouldBe(2);
        foreach (KmsRequest request in _enrolment.Verified)
        {
            request.ClientId.ShouldBe(TestEnrolment.ClientId);
            request.UserUri.ShouldBe(TestIdm.McpttId);
            request.TransportKeyId.ShouldBe(_enrolment.TransportKey.Id);
            request.SignatureId.ShouldBe(_enrolment.IntegrityKey!.Id);
        }
    }

    [Fact]
    public async Task Without_an_integrity_key_the_transport_key_signs()
    {
        using TestEnrolment bare = new(withIntegrityKey: false);
        _kms.Enrolment = bare;
        Enrol(bare);
        using KmClient client = Client();

        _ = await client.ProvisionAsync();

        bare.Verified.ShouldAllBe(r => r.SignatureId == bare.TransportKey.Id && r.TransportKeyId == bare.TransportKey.Id);
    }

    [Theory]
    [InlineData(KeyWrapProfile.KwStrip04)]
    [InlineData(KeyWrapProfile.Kwp)]
    [InlineData(KeyWrapProfile.KwpAsKw)]
    public async Task Every_way_of_wrapping_is_recognised_and_told(KeyWrapProfile profile)
    {
        _enrolment.Profile = profile;
        using KmClient client = Client();

        IReadOnlyList<KeySetInfo> received = await client.ProvisionAsync();

        received.ShouldAllBe(k => k.Wrapping == profile);
        _store.Verify().ShouldAllBe(c => c.Fault == KeySetFault.None);
        _store.Dispose();
        _store = await _profile.OpenAsync();
        _store.KeySets.ShouldAllBe(k => k.Wrapping == profile);
    }

    [Fact]
    public async Task Plain_key_material_is_refused_by_who_holds_a_transport_key()
    {
        _enrolment.WrapsKeys = false;
        using KmClient client = Client();

        await ShouldFailAsync(ClientFault.PlainKeyMaterial, () => client.ProvisionAsync());

        _store.KeySets.ShouldBeEmpty();
    }

    [Fact]
    public async Task Wrapped_key_material_without_or_for_another_transport_key_is_told_apart()
    {
        using TransportKey other = TransportKey.Generate("tk.1.somebody@lab.example");
        using TransportKey sameName = TransportKey.Generate(_enrolment.TransportKey.Id);
        using KmClient client = Client();
        _ = await client.InitializeAsync();
        _enrolment.WrapsKeys = false;
        _kms.BendKeySet = (uri, period) => _kms.Domain.Issue(uri, period).Wrap(other);
        await ShouldFailAsync(ClientFault.TransportKeyMissing, () => client.ProvisionAsync());
        _kms.BendKeySet = (uri, period) => _kms.Domain.Issue(uri, period).Wrap(sameName);
        await ShouldFailAsync(ClientFault.KeyMaterialNotUnwrapped, () => client.ProvisionAsync());
        _store.RemoveTransportKeys().ShouldBeTrue();
        _kms.Enrolment = null;
        await ShouldFailAsync(ClientFault.TransportKeyMissing, () => client.ProvisionAsync());

        _store.KeySets.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_unsigned_answer_and_one_signed_by_another_or_with_a_changed_octet_are_refused()
    {
        using KmClient client = Client();
        _enrolment.SignsAnswers = false;
        await ShouldFailAsync(ClientFault.AnswerNotSigned, () => client.InitializeAsync());
        _enrolment.SignsAnswers = true;
        using IntegrityKey other = IntegrityKey.Generate("ink.1.somebody@lab.example");
        _enrolment.OtherSigner = other;
        await ShouldFailAsync(ClientFault.AnswerSignatureUnknown, () => client.InitializeAsync());
        using IntegrityKey sameName = IntegrityKey.Generate(_enrolment.IntegrityKey!.Id);
        _enrolment.OtherSigner = sameName;
        await ShouldFailAsync(ClientFault.AnswerSignatureInvalid, () => client.InitializeAsync());
        _enrolment.OtherSigner = null;
        _kms.BendXml = xml => xml.Replace("2592000", "2592001", StringComparison.Ordinal);
        await ShouldFailAsync(ClientFault.AnswerSignatureInvalid, () => client.InitializeAsync());

        _store.RootCertificate.ShouldBeNull();
    }

    [Fact]
    public async Task A_signed_answer_to_who_holds_no_keys_is_refused()
    {
        _ = _store.RemoveTransportKeys();
        _kms.Enrolment = null;
        string? recorded = null;
        _kms.BendXml = xml => recorded ??= Sign(xml);
        using KmClient client = Client();

        await ShouldFailAsync(ClientFault.AnswerSignatureUnknown, () => client.InitializeAsync());
    }

    [Fact]
    public async Task An_old_answer_to_the_same_URL_is_no_answer()
    {
        using KmClient client = Client();
        _kms.AnswerTime = () => _profile.Time.GetUtcNow().AddSeconds(-61);
        await ShouldFailAsync(ClientFault.AnswerNotFresh, () => client.InitializeAsync());
        _kms.AnswerTime = () => _profile.Time.GetUtcNow().AddSeconds(61);
        await ShouldFailAsync(ClientFault.AnswerNotFresh, () => client.InitializeAsync());
        _kms.AnswerTime = () => _profile.Time.GetUtcNow().AddSeconds(-59);
        _ = await client.InitializeAsync();
    }

    [Fact]
    public async Task A_signed_answer_to_another_request_is_no_answer_even_where_peers_are_borne_with()
    {
        using KmClient client = Client(o => o with { Lenient = true });
        string? init = null;
        _kms.BendXml = xml => init ??= xml;
        _ = await client.InitializeAsync();

        await ShouldFailAsync(ClientFault.KmsAnswerUnexpected, () => client.ProvisionAsync());
    }

    [Fact]
    public async Task A_refusal_says_whether_it_was_signed()
    {
        using KmClient client = Client();
        _kms.Intercept = _ => _kms.Error(HttpStatusCode.Forbidden, 40312, "disabled", isSigned: false);
        (await ShouldFailAsync(ClientFault.KmsForbidden, () => client.InitializeAsync())).Message.ShouldEndWith("(not signed)");
        _kms.Intercept = _ => _kms.Error(HttpStatusCode.Forbidden, 40312, "disabled");
        (await ShouldFailAsync(ClientFault.KmsForbidden, () => client.InitializeAsync())).Message.ShouldEndWith("disabled");
        _kms.Intercept = _ => new HttpResponseMessage(HttpStatusCode.BadGateway);
        (await ShouldFailAsync(ClientFault.KmsFailed, () => client.InitializeAsync())).Message.ShouldEndWith("(not signed)");
    }

    [Fact]
    public async Task A_repetition_after_a_lost_answer_is_a_request_of_its_own_and_no_replay()
    {
        _kms.LosesAnswer = n => n == 1;
        using KmClient client = new(new KmClientOptions { KmsUrl = TestKms.Url }, _kms, _tokens, new ImmediateTime(_profile.Time));

        _ = await client.InitializeAsync();

        _enrolment.Verified.Count.ShouldBe(2);
        _enrolment.Verified.Select(r => r.Time).ShouldBeUnique();
    }

    /// <summary>Which keys are new, and whether KmsInit or KmsKeyProv brings them.</summary>
    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, true)]
    [InlineData(false, true, false)]
    public async Task A_rotation_is_taken_used_from_the_next_request_on_and_proven(bool transportKey, bool integrityKey, bool byInit)
    {
        using KmClient client = Client();
        _ = await client.InitializeAsync();
        string oldSigner = _enrolment.IntegrityKey!.Id;
        _enrolment.Rotate(transportKey, integrityKey);

        await AskAsync(client, byInit);

        _store.TransportKeys.Select(k => k.State).ShouldBe([TransportKeyState.Current, TransportKeyState.New]);
        _enrolment.Verified[^1].SignatureId.ShouldBe(oldSigner);
        await AskAsync(client, byInit);
        TransportKeyInfo left = _store.TransportKeys.ShouldHaveSingleItem();
        left.State.ShouldBe(TransportKeyState.Current);
        left.TransportKeyId.ShouldBe(_enrolment.TransportKey.Id);
        left.IntegrityKeyId.ShouldBe(_enrolment.IntegrityKey!.Id);
        _enrolment.Verified[^1].SignatureId.ShouldBe(_enrolment.IntegrityKey.Id);
        _enrolment.PendingTransportKey.ShouldBeNull();
        _ = await client.ProvisionAsync();
        _store.Verify().ShouldAllBe(c => c.Fault == KeySetFault.None);
    }

    /// <summary>0 the request that would bring the keys, 1 the answer with them, 2 the first request under them, 3 its answer.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_rotation_survives_what_is_lost(int point)
    {
        using KmClient client = Client();
        _ = await client.InitializeAsync();
        _enrolment.Rotate();
        if (point >= 2)
        {
            _ = await client.InitializeAsync();
        }

        bool lost = false;
        _kms.Intercept = _ => point % 2 == 0 && !lost && (lost = true) ? throw new HttpRequestException(HttpRequestError.ConnectionError) : null;
        _kms.LosesAnswer = _ => point % 2 == 1 && !lost && (lost = true);
        await ShouldFailAsync(ClientFault.ServerUnreachable, () => client.InitializeAsync());
        await RestartAsync();
        using KmClient again = Client();
        _ = await again.InitializeAsync();
        _ = await again.ProvisionAsync();
        _ = await again.ProvisionAsync();

        _enrolment.PendingTransportKey.ShouldBeNull();
        _store.TransportKeys.ShouldHaveSingleItem().TransportKeyId.ShouldBe(_enrolment.TransportKey.Id);
        _enrolment.TransportKey.Id.ShouldContain(".13.");
        _store.KeySets.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_new_key_that_could_not_be_written_is_not_used()
    {
        using KmClient client = Client();
        _ = await client.InitializeAsync();
        _enrolment.Rotate();
        // A directory that is not there takes no file, not even from root.
        string aside = _profile.StoreDirectory + ".aside";
        Directory.Move(_profile.StoreDirectory, aside);
        await ShouldFailAsync(ClientFault.StoreNotWritten, () => client.InitializeAsync());
        Directory.Move(aside, _profile.StoreDirectory);

        _ = await client.InitializeAsync();

        _enrolment.Verified[^1].SignatureId!.ShouldContain(".12.");
        _ = await client.InitializeAsync();
        _enrolment.Verified[^1].SignatureId!.ShouldContain(".13.");
    }

    [Fact]
    public async Task A_KMS_that_lost_the_new_keys_is_asked_once_more_with_the_proven_ones()
    {
        using KmClient client = Client();
        _ = await client.InitializeAsync();
        _enrolment.Rotate();
        _ = await client.InitializeAsync();
        _enrolment.ForgetRotation();
        int before = _kms.Paths.Count;

        _ = await client.ProvisionAsync();

        (_kms.Paths.Count - before).ShouldBe(2);
        _store.TransportKeys.ShouldHaveSingleItem().TransportKeyId.ShouldBe(_enrolment.TransportKey.Id);
        _ = await client.ProvisionAsync();
        (_kms.Paths.Count - before).ShouldBe(3);
    }

    [Fact]
    public async Task An_ended_token_while_new_keys_are_unproven_is_told_as_that_and_costs_no_keys()
    {
        using KmClient client = Client();
        _ = await client.InitializeAsync();
        _enrolment.Rotate();
        _ = await client.InitializeAsync();
        // The KMS sees the new keys and forgets the old ones; its answer is lost, and then the token ends.
        int next = _kms.Paths.Count + 1;
        _kms.LosesAnswer = n => n == next;
        _kms.Intercept = n => n == next + 1 ? new HttpResponseMessage(HttpStatusCode.Unauthorized) : null;
        await ShouldFailAsync(ClientFault.ServerUnreachable, () => client.InitializeAsync());

        await ShouldFailAsync(ClientFault.KmsUnauthorized, () => client.InitializeAsync());

        _ = await client.ProvisionAsync();
        _store.TransportKeys.ShouldHaveSingleItem().TransportKeyId.ShouldBe(_enrolment.TransportKey.Id);
    }

    [Fact]
    public async Task A_signed_refusal_is_not_asked_again_with_other_keys()
    {
        using KmClient client = Client();
        _ = await client.InitializeAsync();
        _enrolment.Rotate();
        _ = await client.InitializeAsync();
        int before = _kms.Paths.Count;
        _kms.Intercept = _ => _kms.Error(HttpStatusCode.Forbidden, 40312, "disabled");

        await ShouldFailAsync(ClientFault.KmsForbidden, () => client.ProvisionAsync());

        (_kms.Paths.Count - before).ShouldBe(1);
    }

    [Fact]
    public async Task New_keys_are_taken_only_under_a_known_transport_key_and_under_an_id_of_their_own()
    {
        using KmClient client = Client();
        _ = await client.InitializeAsync();
        _enrolment.Rotate();
        using TransportKey other = TransportKey.Generate("tk.1.somebody@lab.example");
        _enrolment.OtherWrapper = other;
        await ShouldFailAsync(ClientFault.NewTransportKeyRefused, () => client.InitializeAsync());
        using TransportKey sameName = TransportKey.Generate(_enrolment.TransportKey.Id);
        _enrolment.OtherWrapper = sameName;
        await ShouldFailAsync(ClientFault.NewTransportKeyRefused, () => client.InitializeAsync());
        using (TransportKey imposter = TransportKey.Generate(_enrolment.TransportKey.Id))
        {
            ShouldFail(ClientFault.NewTransportKeyRefused, () => _store.KeepNewTransportKeys(imposter, null));
        }

        _store.TransportKeys.ShouldHaveSingleItem().State.ShouldBe(TransportKeyState.Current);
    }

    [Fact]
    public void Keys_of_another_user_or_KMS_are_not_imported()
    {
        using TransportKey key = TransportKey.Generate("tk.1.medic@lab.example");
        ShouldFail(
            ClientFault.TransportKeysOfAnother,
            () => _store.KeepEnrolled(new TransportKeyHolder("sip:medic@lab.example", TestEnrolment.ClientId, "kms.lab.example"), key, null));
        _ = _store.KeepRootCertificate(TestDomain.Home.Certificate);
        ShouldFail(
            ClientFault.KmsUriMismatch,
            () => _store.KeepEnrolled(new TransportKeyHolder(TestIdm.McpttId, TestEnrolment.ClientId, "kms.other.example"), key, null));
        _store.TransportKeys.ShouldHaveSingleItem().TransportKeyId.ShouldBe(_enrolment.TransportKey.Id);
    }

    [Fact]
    public async Task Transport_keys_come_back_after_the_process_ends_and_are_nowhere_in_clear()
    {
        await RestartAsync();

        _store.TransportKeys.ShouldHaveSingleItem().IntegrityKeyId.ShouldBe(_enrolment.IntegrityKey!.Id);
        byte[] octets = new byte[SecurityExtensionKey.SizeInBytes];
        _enrolment.TransportKey.Export(octets);
        File.ReadAllBytes(_profile.StoreFile).AsSpan().IndexOf(octets).ShouldBe(-1);
        Encoding.Latin1.GetString(File.ReadAllBytes(_profile.StoreFile)).ShouldNotContain("tk.12");
    }

    private void Enrol(TestEnrolment enrolment) => _store.KeepEnrolled(
        new TransportKeyHolder(TestIdm.McpttId, TestEnrolment.ClientId, "kms.lab.example"), enrolment.TransportKey, enrolment.IntegrityKey);

    private string Sign(string xml)
    {
        using KmsResponse response = KmsResponse.Parse(Encoding.UTF8.GetBytes(xml));
        using MemoryStream stream = new();
        response.WriteSignedTo(stream, _enrolment.IntegrityKey!);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private async Task RestartAsync()
    {
        _store.Dispose();
        _store = await _profile.OpenAsync();
        _tokens = new TokenCache(_profile.IdmClient, _store);
    }

    private static async Task AskAsync(KmClient client, bool byInit)
    {
        if (byInit)
        {
            _ = await client.InitializeAsync();
        }
        else
        {
            _ = await client.ProvisionAsync();
        }
    }

    private KmClient Client(Func<KmClientOptions, KmClientOptions>? change = null)
    {
        KmClientOptions options = new() { KmsUrl = TestKms.Url, MaxAttempts = 1 };
        return new KmClient(change?.Invoke(options) ?? options, _kms, _tokens, _profile.Time);
    }
}
