using Watchword.KeyManagement.Audit;

namespace Watchword.Kms.EntityFrameworkCore.Tests;

/// <summary>Generations of a domain: who holds their KMS certificates, and what may not be issued from them.</summary>
public abstract partial class KmsStoreContract
{
    [Fact]
    public async Task A_client_never_holds_less_than_before_and_counts_while_it_is_seen()
    {
        KmsStore here = await CreateAsync();
        KmsStore there = await CreateAsync();
        await RecordAsync(here, Issuance());
        await RecordAsync(here, Issuance() with { Subject = "t", UserUri = "sip:t@x", UserId = Octets(9) });
        DateTimeOffset start = Time.GetUtcNow();
        CertificateDelivery delivery = new("kms.x.example", "i", "s", "phone", 2);
        await here.RecordDeliveryAsync(delivery, Token);
        await there.RecordDeliveryAsync(delivery with { Generation = 1 }, Token);
        await there.RecordDeliveryAsync(delivery with { KmsUri = "kms.y.example", Generation = 9 }, Token);
        (await there.MeasureShareAsync("kms.x.example", 2, 1, 100, start, Token)).ShouldBe(new GenerationShare(2, 1));
        (await there.MeasureShareAsync("kms.x.example", 3, 1, 100, start, Token)).ShouldBe(new GenerationShare(2, 0));
        (await there.MeasureShareAsync("kms.x.example", 2, 1, 101, start, Token)).ShouldBe(new GenerationShare(0, 0));

        // An old device keeps its owner from being counted only as long as it is in use.
        await here.RecordDeliveryAsync(delivery with { ClientId = "old", Generation = 1 }, Token);
        (await here.MeasureShareAsync("kms.x.example", 2, 1, 100, start, Token)).Holding.ShouldBe(0);
        Time.Advance(TimeSpan.FromSeconds(10));
        await here.RecordDeliveryAsync(delivery, Token);
        (await here.MeasureShareAsync("kms.x.example", 2, 1, 100, start.AddSeconds(1), Token)).Holding.ShouldBe(1);
        (await here.CountKeyedIdentitiesAsync("kms.x.example", 1, 100, Token)).ShouldBe(2);
        (await here.CountKeyedIdentitiesAsync("kms.x.example", 1, 101, Token)).ShouldBe(0);
        (await here.CountKeyedIdentitiesAsync("kms.x.example", 2, 100, Token)).ShouldBe(0);
    }

    [Fact]
    public async Task Names_of_clients_that_a_requester_makes_up_do_not_fill_the_store()
    {
        KmsStore store = await CreateAsync();
        await RecordAsync(store, Issuance());
        CertificateDelivery delivery = new("kms.x.example", "i", "s", "first", 1);
        await store.RecordDeliveryAsync(delivery, Token);
        await store.RecordDeliveryAsync(delivery with { Subject = "t" }, Token);
        for (int i = 0; i < 32; i++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await store.RecordDeliveryAsync(delivery with { ClientId = $"made up {i}", Generation = 2 }, Token);
        }

        // The first, the oldest of 33, is not kept: it would say that he holds less.
        (await store.MeasureShareAsync("kms.x.example", 2, 1, 100, DateTimeOffset.UnixEpoch, Token)).Holding.ShouldBe(1);
    }

    [Theory]
    [InlineData(GenerationState.Prepared)]
    [InlineData(GenerationState.Tainted)]
    [InlineData(GenerationState.Revoked)]
    public async Task From_a_generation_that_is_not_active_nothing_is_recorded_as_issued(GenerationState state)
    {
        KmsStore here = await CreateAsync();
        KmsStore there = await CreateAsync();
        await here.CreateDomainAsync(Domain(), Entry(AuditKind.Domain), Token);
        await RecordAsync(there, Issuance());
        await here.ChangeGenerationsAsync(
            [new GenerationChange("kms.x.example", 1, GenerationState.Active, state)], [Entry(AuditKind.Domain)], Token);
        (await ErrorOf(RecordAsync(there, Issuance()))).ShouldBe(KmsError.GenerationNotIssuing);
        (await ErrorOf(there.BeginIssuanceAsync(
            [Issuance() with { PublicTokenHash = default }], Entry(AuditKind.Intent, "sip:a@x"), new IssuanceConditions(), Token)))
            .ShouldBe(KmsError.GenerationNotIssuing);
        await RecordAsync(there, Issuance() with { KmsUri = "kms.y.example", UserId = Octets(12) });
    }

    [Fact]
    public async Task A_change_decided_on_another_validity_is_refused()
    {
        KmsStore store = await CreateAsync();
        await store.CreateDomainAsync(Domain(), Entry(AuditKind.Domain), Token);
        DomainRecord seen = (await store.FindGenerationsAsync(Token)).Single();
        GenerationChange end = new("kms.x.example", 1, GenerationState.Active, GenerationState.Active)
        {
            Seen = seen,
            ValidTo = Time.GetUtcNow().AddDays(400),
        };
        await store.ChangeGenerationsAsync([end], [Entry(AuditKind.Domain)], Token);
        (await ErrorOf(store.ChangeGenerationsAsync([end], [Entry(AuditKind.Domain)], Token)))
            .ShouldBe(KmsError.GenerationChanged);
    }
}
