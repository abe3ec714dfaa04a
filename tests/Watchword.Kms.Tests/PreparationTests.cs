using Watchword.KeyManagement.Audit;
using Watchword.Kms.Tests.Support;

namespace Watchword.Kms.Tests;

/// <summary>Preparing ahead: the batch itself.</summary>
public sealed class PreparationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_prepared_is_given_out_with_the_octets_of_a_fresh_key()
    {
        using PreparedDomain domain = await PreparedDomain.CreateAsync(Token);
        await domain.KeyAsync(7, Token);
        Preparation done = await domain.PrepareAsync(Token);
        (done.State, done.Done, done.Total, done.LeftOut).ShouldBe((PreparationState.Finished, 7, 7, 0));
        (await domain.Life.Store.CountPreparedAsync(done.Id, Token)).ShouldBe(7);

        domain.OpenNextPeriod();
        for (int user = 0; user < 7; user++)
        {
            byte[] taken = await domain.TakeAsync(user, Token);
            taken.ShouldBe(await domain.MakeAsync(user, Token));
        }

        (await domain.Life.Store.CountPreparedAsync(done.Id, Token)).ShouldBe(7);
        (domain.Taken, domain.Discarded).ShouldBe((7, 0));
        AuditVerification chain = await AuditChain.VerifyAsync(domain.Life.Store.ReadAuditAsync(Token), cancellationToken: Token);
        chain.IsValid.ShouldBeTrue();
    }

    [Fact]
    public async Task Each_batch_has_intent_and_outcome_and_nothing_is_an_issuance()
    {
        using PreparedDomain domain = await PreparedDomain.CreateAsync(Token);
        await domain.KeyAsync(7, Token);
        long before = (await domain.Life.Store.GetAuditHeadAsync(Token)).Sequence;
        await domain.PrepareAsync(Token);
        IReadOnlyList<AuditRecord> records = await domain.AuditAsync(Token);

        // Begin, three batches of 3, 3 and 1, end.
        records.Count.ShouldBe(1 + (3 * 2) + 1);
        records.ShouldAllBe(record => record.Entry.Subject == "officer" && record.Entry.KeySets.Count == 0);
        (AuditRecord Intent, AuditRecord Outcome)[] batches = [.. records.Skip(1).Take(6).Chunk(2).Select(pair => (pair[0], pair[1]))];
        batches.ShouldAllBe(batch => batch.Outcome.Entry.IntentSequence == batch.Intent.Sequence);
        batches.Select(batch => batch.Outcome.Entry.Detail!.Split("digest ")[1]).ShouldBeUnique();
        (await domain.Life.Store.ReadAuditAsync(before, Token).ToListAsync(Token))
            .ShouldNotContain(record => record.Entry.Kind == AuditKind.Outcome);
    }

    [Fact]
    public async Task A_batch_that_is_killed_goes_on_where_it_was()
    {
        using PreparedDomain domain = await PreparedDomain.CreateAsync(Token);
        await domain.KeyAsync(10, Token);
        Preparation begun = await domain.StartAsync(Token);

        // One that took it and never came back: nobody else may have it before its lease has ended.
        await domain.Life.Store.ChangePreparationAsync(
            begun.Id,
            one => new PreparationStep(
                one with { Owner = "killed", LeaseUntil = domain.Life.Time.GetUtcNow() + PreparationRunner.Lease }, []),
            Token);
        (await domain.Runner().RunAsync(Token)).ShouldBeNull();
        domain.Life.Time.Advance(PreparationRunner.Lease);

        // Interrupted after its first batch.
        using CancellationTokenSource stop = new();
        PreparationRunner first = new(
            MeddledStore.Around(domain.Life.Store, after: stop.Cancel), domain.Node, domain.Vault, domain.TransportKeys,
            PreparedDomain.Settings, domain.Life.Time);
        await Should.ThrowAsync<OperationCanceledException>(first.RunAsync(stop.Token));
        Preparation left = (await domain.Life.Store.FindPreparationsAsync(null, Token)).ShouldHaveSingleItem();
        (left.State, left.Done).ShouldBe((PreparationState.Running, 3));

        Preparation done = (await domain.Runner().RunAsync(Token)).ShouldNotBeNull();
        (done.State, done.Done).ShouldBe((PreparationState.Finished, 10));
        (await domain.Life.Store.CountPreparedAsync(done.Id, Token)).ShouldBe(10);

        // No identity twice: the places that the outcomes name follow each other.
        string[] outcomes = [.. (await domain.AuditAsync(Token)).Where(record => record.Entry.IntentSequence is not null)
            .Select(record => record.Entry.Detail!)];
        outcomes.Length.ShouldBe(4);
        (await domain.Runner().RunAsync(Token)).ShouldBeNull();
    }

    [Fact]
    public async Task A_batch_written_by_two_nodes_counts_once()
    {
        using PreparedDomain domain = await PreparedDomain.CreateAsync(Token);
        await domain.KeyAsync(8, Token);
        await domain.StartAsync(Token);
        Preparation?[] ended = await Task.WhenAll(domain.Runner().RunAsync(Token), domain.Runner().RunAsync(Token));
        Preparation done = (await domain.Life.Store.FindPreparationsAsync(null, Token)).ShouldHaveSingleItem();
        (done.State, done.Done).ShouldBe((PreparationState.Finished, 8));
        ended.ShouldContain(one => one == null);
    }

    [Fact]
    public async Task A_node_whose_batch_outlasts_the_lease_loses_it_once_and_then_takes_a_longer_one()
    {
        using PreparedDomain domain = await PreparedDomain.CreateAsync(Token);
        await domain.KeyAsync(4, Token);
        Preparation begun = await domain.StartAsync(Token);
        TimeSpan batch = PreparationRunner.Lease + TimeSpan.FromSeconds(1);
        Func<Task> meanwhile = () => domain.Life.Store.ChangePreparationAsync(
            begun.Id, one => new PreparationStep(one with { Owner = "other" }, []), Token);
        PreparationRunner slow = new(
            MeddledStore.Around(
                domain.Life.Store, before: () => meanwhile(), during: () => domain.Life.Time.Advance(batch)),
            domain.Node, domain.Vault, domain.TransportKeys, PreparedDomain.Settings, domain.Life.Time);
        (await slow.RunAsync(Token)).ShouldNotBeNull().Done.ShouldBe(0);

        // The next time nobody else finds its lease over.
        domain.Life.Time.Advance(PreparationRunner.Lease);
        meanwhile = async () => (await domain.Runner().RunAsync(Token)).ShouldBeNull();
        Preparation done = (await slow.RunAsync(Token)).ShouldNotBeNull();
        (done.State, done.Done).ShouldBe((PreparationState.Finished, 4));
    }

    [Fact]
    public async Task Stopped_it_stays_stopped_and_is_continued_by_an_order_only()
    {
        using PreparedDomain domain = await PreparedDomain.CreateAsync(Token);
        await domain.KeyAsync(4, Token);
        Preparation begun = await domain.StartAsync(Token);
        (await domain.StartAsync(Token)).Id.ShouldBe(begun.Id);
        await domain.Acts.StopAsync(LifeOfDomain.Officer, LifeOfDomain.KmsUri, begun.Id, "c", Token);
        (await domain.Runner().RunAsync(Token)).ShouldBeNull();
        (await Should.ThrowAsync<KmsException>(
            domain.Acts.StopAsync(LifeOfDomain.Officer, LifeOfDomain.KmsUri, begun.Id, "c", Token))).Error
            .ShouldBe(KmsError.PreparationNotRunning);
        await domain.PrepareAsync(Token);

        // Who was keyed since is what is left to do.
        (await domain.Life.AskAsync(0, "user9", "sip:9@x.example", cancellationToken: Token)).Dispose();
        Preparation more = await domain.PrepareAsync(Token);
        (more.Id, more.Done, more.Total).ShouldBe((begun.Id, 5, 5));
    }

    [Fact]
    public async Task A_list_is_prepared_and_what_no_domain_of_ours_has_is_left_out()
    {
        using PreparedDomain domain = await PreparedDomain.CreateAsync(Token);
        KeyHolder[] list =
        [
            new(0, LifeOfDomain.Issuer, "user0", "sip:0@x.example"), new(0, LifeOfDomain.Issuer, "user1", "sip:1@x.example"),
        ];
        await domain.StartAsync(Token, listed: list);
        (await Should.ThrowAsync<KmsException>(domain.StartAsync(Token, listed: list))).Error.ShouldBe(KmsError.PreparationRunning);
        Preparation done = (await domain.Runner().RunAsync(Token)).ShouldNotBeNull();
        (done.Source, done.State, done.Done).ShouldBe((PreparationSource.Listed, PreparationState.Finished, 2));
        domain.OpenNextPeriod();
        (await domain.TakeAsync(1, Token)).ShouldBe(await domain.MakeAsync(1, Token));
        (await Should.ThrowAsync<KmsException>(domain.StartAsync(Token, listed: []))).Error
            .ShouldBe(KmsError.PreparationListRefused);
        (await Should.ThrowAsync<KmsException>(domain.StartAsync(Token, listed: [list[0] with { Subject = "a\nb" }]))).Error
            .ShouldBe(KmsError.PreparationListRefused);
    }

    [Fact]
    public async Task A_generation_that_takes_over_is_prepared_before_it_is_activated()
    {
        using PreparedDomain domain = await PreparedDomain.CreateAsync(Token);
        await domain.KeyAsync(2, Token);
        await domain.Life.PrepareAsync(newSecrets: true, schedule: null, Token);
        domain.Life.Time.Advance(KmsInstallation.RefreshInterval);
        Preparation done = await domain.PrepareAsync(Token, generation: 2);
        (done.Generation, done.State, done.Done).ShouldBe((2, PreparationState.Finished, 2));
        await domain.Life.ActivateAsync(2, at: null, Token);
        domain.OpenNextPeriod();
        (await domain.TakeAsync(1, Token)).ShouldBe(await domain.MakeAsync(1, Token));
        (await Should.ThrowAsync<KmsException>(domain.StartAsync(Token, generation: 9))).Error.ShouldBe(KmsError.UnknownGeneration);
    }

    [Fact]
    public async Task A_fault_ends_the_run_is_told_and_can_be_continued()
    {
        using PreparedDomain domain = await PreparedDomain.CreateAsync(Token);
        await domain.KeyAsync(4, Token);
        await domain.StartAsync(Token);
        PreparationRunner broken = new(
            MeddledStore.Around(domain.Life.Store, before: () => throw new InvalidOperationException("broken")), domain.Node,
            domain.Vault, domain.TransportKeys, PreparedDomain.Settings, domain.Life.Time);
        Preparation failed = (await broken.RunAsync(Token)).ShouldNotBeNull();
        (failed.State, failed.Fault, failed.Done).ShouldBe((PreparationState.Failed, (int)KmsError.InternalError, 0));
        (await domain.AuditAsync(Token))[^1].Entry.Result.ShouldBe((int)KmsError.InternalError);
        (await domain.Runner().RunAsync(Token)).ShouldBeNull();
        Preparation done = await domain.PrepareAsync(Token);
        (done.State, done.Fault, done.Done).ShouldBe((PreparationState.Finished, 0, 4));
    }

    [Fact]
    public async Task A_node_with_another_sealing_key_neither_prepares_nor_gives_out_nor_erases()
    {
        using PreparedDomain domain = await PreparedDomain.CreateAsync(Token);
        await domain.KeyAsync(2, Token);
        Preparation done = await domain.PrepareAsync(Token);
        using EphemeralCustody otherCustody = new();
        using PreparedKeyVault other = new(otherCustody);
        using KmsInstallation stranger = await domain.Life.OpenNodeAsync(
            Token, new PreparedKeySource(domain.Life.Store, other, domain.Life.Time));
        domain.OpenNextPeriod();
        (await domain.Life.AskAsync(
            stranger, "user1", "sip:1@x.example", LifeOfDomain.Start.AddSeconds(LifeOfDomain.PeriodSeconds + 1), null, Token))
            .Dispose();
        (await domain.Life.Store.CountPreparedAsync(done.Id, Token)).ShouldBe(2);

        (await domain.Life.AskAsync(0, "user9", "sip:9@x.example", cancellationToken: Token)).Dispose();
        await domain.StartAsync(Token);
        PreparationRunner runner = new(
            domain.Life.Store, stranger, other, domain.TransportKeys, PreparedDomain.Settings, domain.Life.Time);
        (await runner.RunAsync(Token)).ShouldBeNull();
        (await domain.Runner().RunAsync(Token)).ShouldNotBeNull().Done.ShouldBe(3);
    }

    [Fact]
    public async Task Rate_and_end_are_reckoned_from_the_present_run()
    {
        using PreparedDomain domain = await PreparedDomain.CreateAsync(Token);
        DateTimeOffset now = domain.Life.Time.GetUtcNow();
        await domain.KeyAsync(1, Token);
        Preparation begun = await domain.StartAsync(Token);
        (begun.Rate, begun.EstimatedEnd).ShouldBe((null, null));
        Preparation half = begun with
        {
            Total = 1000, Done = 500, RunFrom = 100, RunSince = now, UpdatedAt = now.AddSeconds(20),
        };
        (half.Rate, half.EstimatedEnd).ShouldBe((20, now.AddSeconds(45)));
        (half with { State = PreparationState.Stopped }).EstimatedEnd.ShouldBeNull();
    }
}
