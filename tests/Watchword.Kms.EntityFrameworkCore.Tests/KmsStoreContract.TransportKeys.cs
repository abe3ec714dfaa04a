using Watchword.KeyManagement;
using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore.Tests;

public abstract partial class KmsStoreContract
{
    [Fact]
    public async Task A_client_with_transport_keys_is_kept_as_it_is()
    {
        KmsStore store = await CreateAsync();
        TransportKeyClient client = KeyClient("sip:a@x", "phone") with
        {
            LastSeenAt = Time.GetUtcNow().AddMinutes(1),
            WrapProfile = KeyWrapProfile.Kwp,
            IsExportable = true,
            LastNumber = 4,
            Pairs =
            [
                KeyPair(2) with { State = TransportKeyPairState.Replaced, ReplacedAt = Time.GetUtcNow() },
                KeyPair(3) with { IntegrityKeyId = null, Fingerprint = null },
                KeyPair(4) with { State = TransportKeyPairState.Pending },
            ],
        };
        await ChangeAsync(store, client, AuditKind.TransportKey);
        await ChangeAsync(store, KeyClient("sip:A@x", "phone"));
        await ChangeAsync(store, KeyClient("sip:a@x", "phone", "kms.other.example"));
        Check(
            (await store.FindTransportKeyClientsAsync("kms.x.example", ["sip:b@x", "sip:a@x"], Token)).ShouldHaveSingleItem(), client);
        (await store.GetAuditHeadAsync(Token)).Sequence.ShouldBe(1);

        // Pairs come, change their state, and go.
        TransportKeyClient later = client with
        {
            State = EnrolmentState.Revoked,
            WrapProfile = null,
            IsExportable = false,
            LastNumber = 5,
            Pairs = [client.Pairs[2] with { State = TransportKeyPairState.Current }, KeyPair(5)],
        };
        await ChangeAsync(store, later);
        Check((await store.FindTransportKeyClientsAsync("kms.x.example", ["sip:a@x"], Token)).ShouldHaveSingleItem(), later);
        await ChangeAsync(store, later with { Pairs = [] });
        (await store.FindTransportKeyClientsAsync("kms.x.example", ["sip:a@x"], Token)).Single().Pairs.ShouldBeEmpty();
    }

    [Fact]
    public async Task Clients_with_transport_keys_are_read_page_by_page()
    {
        KmsStore store = await CreateAsync();
        (string, string)[] all = [("sip:A@x", "z"), ("sip:a@x", "B"), ("sip:a@x", "a"), ("sip:b@x", "a")];
        foreach ((string userUri, string clientId) in all.Reverse())
        {
            await ChangeAsync(store, KeyClient(userUri, clientId) with { Pairs = [KeyPair(1), KeyPair(2)] });
        }

        await ChangeAsync(store, KeyClient("sip:a@x", "a", "kms.other.example"));
        List<(string, string)> read = [];
        (string, string)? after = null;
        IReadOnlyList<TransportKeyClient> page;
        do
        {
            page = await store.ReadTransportKeyClientsAsync("kms.x.example", after, 3, Token);
            page.ShouldAllBe(client => client.Pairs.Count == 2);
            read.AddRange(page.Select(client => (client.UserUri, client.ClientId)));
            after = read[^1];
        }
        while (page.Count == 3);

        read.ShouldBe(all);
    }

    [Fact]
    public async Task What_is_decided_on_transport_keys_sees_every_earlier_decision_of_any_node()
    {
        KmsStore[] nodes = [await CreateAsync(), await CreateAsync()];
        await ChangeAsync(nodes[0], KeyClient("sip:a@x", "phone") with { LastNumber = 0 });
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => nodes[i % 2].ChangeTransportKeyClientAsync(
            "kms.x.example",
            "sip:a@x",
            all => new TransportKeyStep(
                all.Single() with { LastNumber = all.Single().LastNumber + 1 }, [Entry(AuditKind.TransportKey)]),
            Token))));
        (await nodes[0].FindTransportKeyClientsAsync("kms.x.example", ["sip:a@x"], Token)).Single().LastNumber.ShouldBe(20);
        (await nodes[1].GetAuditHeadAsync(Token)).Sequence.ShouldBe(20);
    }

    [Fact]
    public async Task A_refused_change_of_transport_keys_leaves_nothing()
    {
        KmsStore store = await CreateAsync();
        await ChangeAsync(store, KeyClient("sip:a@x", "phone"));
        (await ErrorOf(store.ChangeTransportKeyClientAsync(
            "kms.x.example", "sip:a@x", _ => throw new KmsException(KmsError.TransportKeysExported), Token)))
            .ShouldBe(KmsError.TransportKeysExported);
        (await ErrorOf(store.ChangeTransportKeyClientAsync(
            "kms.x.example", "sip:a@x", _ => throw new InvalidOperationException(), Token))).ShouldBe(KmsError.InternalError);
        await store.ChangeTransportKeyClientAsync("kms.x.example", "sip:a@x", _ => null, Token);
        (await store.FindTransportKeyClientsAsync("kms.x.example", ["sip:a@x"], Token)).Single().Pairs.ShouldHaveSingleItem();
        (await store.GetAuditHeadAsync(Token)).Sequence.ShouldBe(0);
    }

    private TransportKeyClient KeyClient(string userUri, string clientId, string kmsUri = "kms.x.example") => new()
    {
        KmsUri = kmsUri,
        UserUri = userUri,
        ClientId = clientId,
        State = EnrolmentState.Enrolled,
        StateChangedAt = Time.GetUtcNow(),
        LastNumber = 1,
        Pairs = [KeyPair(1)],
    };

    private TransportKeyPair KeyPair(int number) => new(
        number, $"tk.{number}.a@x", $"ink.{number}.a@x", TransportKeyPairState.Current, Octets((byte)number), "a b c",
        Time.GetUtcNow());

    private static Task ChangeAsync(KmsStore store, TransportKeyClient after, AuditKind? kind = null) =>
        store.ChangeTransportKeyClientAsync(
            after.KmsUri, after.UserUri, _ => new TransportKeyStep(after, kind is { } one ? [Entry(one)] : []), Token);

    private static void Check(TransportKeyClient kept, TransportKeyClient expected)
    {
        (kept with { Pairs = [] }).ShouldBe(expected with { Pairs = [] });
        kept.Pairs.Select(pair => pair with { Sealed = default }).ShouldBe(
            expected.Pairs.Select(pair => pair with { Sealed = default }));
        kept.Pairs.Select(pair => pair.Sealed.ToArray()).ShouldBe(expected.Pairs.Select(pair => pair.Sealed.ToArray()));
    }
}
