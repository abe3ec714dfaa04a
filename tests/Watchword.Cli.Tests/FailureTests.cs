using Watchword.Client;

namespace Watchword.Cli.Tests;

public sealed class FailureTests
{
    public static TheoryData<ClientFault> Faults => [.. Enum.GetValues<ClientFault>()];

    [Theory]
    [MemberData(nameof(Faults))]
    public void Every_fault_of_the_client_has_an_exit_code_of_its_kind_a_clause_and_a_next_step(ClientFault fault)
    {
        CliException error = Failures.Explain(new WatchwordClientException(fault, "what was seen", "id-1"));

        error.ExitCode.ShouldNotBe(ExitCode.Success);
        error.ExitCode.ShouldNotBe(ExitCode.Internal);
        error.Number.ShouldBe((int)fault);
        error.Clause.ShouldNotBeNullOrWhiteSpace();
        error.Hint.ShouldNotBeNullOrWhiteSpace();
        error.CorrelationId.ShouldBe("id-1");
        error.Cause.ShouldBe("what was seen");
        char.IsUpper(error.Message[0]).ShouldBe(error.Message.StartsWith("ID", StringComparison.Ordinal));
        error.Message.ShouldNotEndWith(".");
    }

    [Fact]
    public void An_unknown_exception_is_a_defect_whose_message_is_not_shown()
    {
        CliException error = Failures.Explain(new InvalidOperationException("the password is hunter2"));

        error.ExitCode.ShouldBe(ExitCode.Internal);
        error.Message.ShouldBe("unexpected fault (InvalidOperationException)");
    }

    [Fact]
    public void An_interruption_has_the_exit_code_of_the_shell()
    {
        Failures.Explain(new OperationCanceledException()).ExitCode.ShouldBe(ExitCode.Cancelled);
    }
}
