using CsCheck;

namespace Watchword.Client.Tests;

public sealed class HtmlFormTests
{
    [Theory]
    [InlineData("<form action=/a method=post><input name=u><input type=password name=p>", "/a", "post", "u", "p")]
    [InlineData("<FORM ACTION='/a?x=1&amp;y=2' METHOD=\"POST\"><INPUT TYPE=TEXT NAME=U><INPUT NAME=P TYPE=PASSWORD /></FORM>", "/a?x=1&y=2", "post", "U", "P")]
    [InlineData("<form><input type=email name=mail><input type=text name=other autocomplete='section-x username'><input type=password name=p></form>", "", "get", "other", "p")]
    [InlineData("<form><input name='Input.UserName'><input name=second><input type=password name='Input.Password'></form>", "", "get", "Input.UserName", "Input.Password")]
    public void Forms_are_found_as_a_browser_finds_them(string html, string action, string method, string userName, string password)
    {
        HtmlForm form = HtmlForm.Parse(html).ShouldHaveSingleItem();

        form.Action.ShouldBe(action);
        form.Method.ShouldBe(method);
        form.UserName!.Name.ShouldBe(userName);
        form.Password!.Name.ShouldBe(password);
    }

    [Theory]
    [InlineData("<!-- <form><input type=password name=p></form> -->")]
    [InlineData("<script>'<form><input type=password name=p>'</script>")]
    [InlineData("<textarea><form><input type=password name=p></form></textarea>")]
    [InlineData("<form")]
    [InlineData("< form>")]
    [InlineData("")]
    public void What_is_no_form_is_none(string html) =>
        HtmlForm.Parse(html).ShouldNotContain(f => f.Password != null);

    [Fact]
    public void Fields_outside_a_form_and_fields_that_a_browser_does_not_send_are_left_out()
    {
        HtmlForm form = HtmlForm.Parse(
            "<input name=before><form><input name=a disabled><input type=checkbox name=b><input type=checkbox name=c checked>"
            + "<input type=reset name=d><button type=button name=e></button><input type=submit name=f value=F><button name=g></button></form><input name=after>")
            .ShouldHaveSingleItem();

        form.Fields.Select(f => f.Name).ShouldBe(["c", "f"]);
        form.Fields[0].Value.ShouldBe("on");
    }

    [Fact]
    public void Two_password_fields_make_no_log_in_form() =>
        HtmlForm.Parse("<form><input name=u><input type=password name=a><input type=password name=b></form>")[0].Password.ShouldBeNull();

    [Fact]
    public void Any_text_is_read_to_its_end() =>
        Gen.String[Gen.Char["<>/='\" -!&;formINPUTscript"], 0, 200].Sample(html => HtmlForm.Parse(html).Count <= 16);
}
