using Watchword.Client.Tests.Support;
using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.Mikey;
using static Watchword.Client.Tests.Support.TestProfile;

namespace Watchword.Client.Tests;

public sealed class PrivateCallTests : IAsyncLifetime
{
    private const string Medic = "sip:medic@lab.example";
    private readonly TestProfile _profile = new();
    private KeyStore _dispatcher = null!;
    private KeyStore _medic = null!;

    public async ValueTask InitializeAsync()
    {
        _dispatcher = await ProfileAsync("dispatcher", new() { [McService.Mcptt] = TestIdm.McpttId, [McService.McVideo] = TestIdm.McVideoId });
        _medic = await ProfileAsync("medic", new() { [McService.Mcptt] = Medic });
        Provision(_dispatcher, TestIdm.McpttId);
        Provision(_dispatcher, TestIdm.McVideoId);
        Provision(_medic, Medic);
    }

    public ValueTask DisposeAsync()
    {
        _dispatcher.Dispose();
        _medic.Dispose();
        _profile.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void Both_sides_hold_the_same_SRTP_keys_and_the_directions_differ()
    {
        using PrivateCallKeys made = new PrivateCall(_dispatcher, _profile.Time).Create(Medic);
        using PrivateCallKeys opened = new PrivateCall(_medic, _profile.Time).Open(made.Message.Span);

        opened.PckId.ShouldBe(made.PckId);
        opened.InitiatorUri.ShouldBe(TestIdm.McpttId);
        Export(opened.SentByInitiator).ShouldBe(Export(made.SentByInitiator));
        Export(opened.SentByReceiver).ShouldBe(Export(made.SentByReceiver));
        Export(made.SentByInitiator).ShouldNotBe(Export(made.SentByReceiver));
    }

    [Fact]
    public void A_message_opens_once_in_all_processes_of_a_profile()
    {
        using PrivateCallKeys made = new PrivateCall(_dispatcher, _profile.Time).Create(Medic);
        new PrivateCall(_medic, _profile.Time).Open(made.Message.Span).Dispose();

        ShouldFail(ClientFault.MessageReplayed, () => new PrivateCall(_medic, _profile.Time).Open(made.Message.Span));
    }

    [Fact]
    public void A_message_outside_the_freshness_window_is_refused()
    {
        using PrivateCallKeys made = new PrivateCall(_dispatcher, _profile.Time).Create(Medic);
        _profile.Time.Advance(TimeSpan.FromMinutes(6));

        ShouldFail(ClientFault.MessageNotFresh, () => new PrivateCall(_medic, _profile.Time).Open(made.Message.Span));
    }

    [Fact]
    public void A_message_for_somebody_else_is_refused()
    {
        using PrivateCallKeys made = new PrivateCall(_dispatcher, _profile.Time).Create("sip:leaver@lab.example");

        ShouldFail(ClientFault.MessageNotForUs, () => new PrivateCall(_medic, _profile.Time).Open(made.Message.Span));
    }

    [Fact]
    public void A_changed_message_is_refused_and_the_true_one_still_opens()
    {
        using PrivateCallKeys made = new PrivateCall(_dispatcher, _profile.Time).Create(Medic);
        byte[] bent = made.Message.ToArray();
        bent[^1] ^= 1;

        ShouldFail(ClientFault.MessageNotAuthentic, () => new PrivateCall(_medic, _profile.Time).Open(bent));
        new PrivateCall(_medic, _profile.Time).Open(made.Message.Span).Dispose();
    }

    [Fact]
    public void Rubbish_is_no_message()
    {
        ShouldFail(ClientFault.MessageMalformed, () => new PrivateCall(_medic, _profile.Time).Open([1, 2, 3]));
        ShouldFail(ClientFault.MessageMalformed, () => new PrivateCall(_medic, _profile.Time).Open([]));
    }

    [Fact]
    public void Without_keys_of_the_period_nothing_is_made_or_opened()
    {
        using PrivateCallKeys made = new PrivateCall(_dispatcher, _profile.Time).Create(Medic);
        _profile.Time.Advance(TimeSpan.FromDays(30));

        ShouldFail(ClientFault.NoUsableKeySet, () => new PrivateCall(_dispatcher, _profile.Time).Create(Medic));
        ShouldFail(ClientFault.UriMalformed, () => new PrivateCall(_dispatcher, _profile.Time).Create("medic"));
        Should.Throw<ArgumentOutOfRangeException>(() => new PrivateCall(_dispatcher, _profile.Time).Create(Medic, McService.McData));
    }

    [Fact]
    public void A_message_made_just_before_a_boundary_opens_just_after_it_with_the_old_key_set()
    {
        DateTimeOffset boundary = TestDomain.Home.Certificate.PeriodAt(_profile.Time.GetUtcNow()).End;
        _profile.Time.SetUtcNow(boundary.AddSeconds(-2));
        using PrivateCallKeys made = new PrivateCall(_dispatcher, _profile.Time).Create(Medic);
        _profile.Time.SetUtcNow(boundary.AddSeconds(2));
        Provision(_medic, Medic);

        using PrivateCallKeys opened = new PrivateCall(_medic, _profile.Time).Open(made.Message.Span);

        Export(opened.SentByInitiator).ShouldBe(Export(made.SentByInitiator));
    }

    [Fact]
    public void A_peer_that_took_the_neighbouring_period_is_understood_at_the_boundary_only()
    {
        KeyPeriod period = TestDomain.Home.Certificate.PeriodAt(_profile.Time.GetUtcNow());
        byte[] AtTime(DateTimeOffset time)
        {
            using KmsKeySet keySet = TestDomain.Home.Issue(TestIdm.McpttId, period.Number);
            keySet.TryValidate(TestDomain.Home.Certificate, out ValidatedKeySet? keys, out _).ShouldBeTrue();
            using (keys)
            using (MikeyKey key = MikeyKey.Generate(KeyPurpose.Pck))
            {
                return KeyMessage.Create(
                    KeyDistribution.Pck,
                    key,
                    new MikeySender { SigningKey = keys!.SigningKey, Uri = TestIdm.McpttId, KmsUri = "kms.lab.example" },
                    new MikeyRecipient(
                        Medic,
                        "kms.lab.example",
                        TestDomain.Home.Certificate.PublicEncryptionKey,
                        TestDomain.Home.Certificate.UserIdFor(Medic, period.Number).Octets.ToArray()),
                    time);
            }
        }

        _profile.Time.SetUtcNow(period.End.AddMinutes(1));
        Provision(_medic, Medic);
        new PrivateCall(_medic, _profile.Time).Open(AtTime(period.End.AddMinutes(1))).Dispose();
        _profile.Time.SetUtcNow(period.End.AddMinutes(20));
        byte[] late = AtTime(period.End.AddMinutes(20));
        ShouldFail(ClientFault.MessageNotAuthentic, () => new PrivateCall(_medic, _profile.Time).Open(late));
    }

    [Fact]
    public void MCVideo_has_keys_of_its_own()
    {
        using PrivateCallKeys made = new PrivateCall(_dispatcher, _profile.Time).Create(Medic, McService.McVideo);
        using PrivateCallKeys opened = new PrivateCall(_medic, _profile.Time).Open(made.Message.Span, McService.McVideo);

        made.InitiatorUri.ShouldBe(TestIdm.McVideoId);
        Export(opened.SentByInitiator).ShouldBe(Export(made.SentByInitiator));
    }

    private static string Export(SrtpKeys keys)
    {
        byte[] octets = new byte[28];
        keys.ExportMasterKey(octets.AsSpan(0, 16));
        keys.ExportMasterSalt(octets.AsSpan(16));
        return Convert.ToHexString(octets);
    }

    private void Provision(KeyStore store, string uri)
    {
        if (store.Root is null)
        {
            _ = store.KeepRootCertificate(TestDomain.Home.Certificate);
        }

        KeyPeriod period = TestDomain.Home.Certificate.PeriodAt(_profile.Time.GetUtcNow());
        using KmsKeySet keySet = TestDomain.Home.Issue(uri, period.Number);
        store.KeepKeySets([StoredKeySet.From(keySet, period, store.Root!, _profile.Time.GetUtcNow())]);
    }

    private async Task<KeyStore> ProfileAsync(string name, Dictionary<McService, string> ids)
    {
        KeyStore store = await KeyStore.CreateAsync(Path.Combine(_profile.Directory, name), _profile.Unlock, _profile.Time);
        store.KeepLogIn(new TokenSet(new ClientIdentity(TestIdm.Issuer, name, TestIdm.ClientId, ids), "r", "i", new HashSet<string>()));
        return store;
    }
}
