using PrivacyProxy.Commands.Reference;

namespace PrivacyProxy.FunctionalTests.Commands;

public sealed class ReferenceTests
{
    [Fact]
    public void The_pages_of_docs_reference_are_those_that_the_options_classes_make()
    {
        foreach (var (name, text) in ReferenceCommand.Pages())
            Assert.True(
                text == File.ReadAllText(Path.Combine(Product.RepositoryRoot!, "docs", "reference", name)),
                $"docs/reference/{name} is stale: run 'dotnet run --project src/PrivacyProxy -c Release -- reference docs/reference'");
    }

    [Fact]
    public void Every_key_has_a_sentence()
    {
        foreach (var (name, text) in ReferenceCommand.Pages())
            Assert.DoesNotContain("|  |\n", text.Replace("takes | |", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
