using System.Globalization;

namespace Watchword.Kms.Tests;

public sealed class KmsErrorTests
{
    public static TheoryData<KmsError> All() => [.. Enum.GetValues<KmsError>().Where(error => error != KmsError.None)];

    [Theory]
    [MemberData(nameof(All))]
    public void Every_error_has_cause_clause_and_next_step_and_a_section_in_the_documentation(KmsError error)
    {
        KmsErrorText text = KmsErrorText.Of(error);
        text.Cause.ShouldNotBeNullOrWhiteSpace();
        text.Clause.ShouldNotBeNullOrWhiteSpace();
        text.NextStep.ShouldNotBeNullOrWhiteSpace();
        string number = ((int)error).ToString(CultureInfo.InvariantCulture);
        new KmsException(error).Message.ShouldContain(number);
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "kms.md")).ShouldContain($"| {number} | `{error}` |");
    }

    [Fact]
    public void Numbers_of_requests_begin_with_their_http_status() =>
        Enum.GetValues<KmsError>().Where(error => error is not KmsError.None and < KmsError.NoDomain)
            .ShouldAllBe(error => (int)error / 100 >= 400 && (int)error / 100 < 600);
}
