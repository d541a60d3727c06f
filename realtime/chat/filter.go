package chat

// maxRules is how many rules there may be, those that are off included.
const maxRules = 100

// filter is the rules of the filter that are not off, compiled. It never changes.
type filter struct {
	rules []Rule
}

// checkRule returns a rule as it is to be stored. A refusal is of CodeInvalid, and its Field names the field of
// Rule as JSON has it.
func checkRule(r Rule) (Rule, error) {
	_, err := cleanLine("name", r.Name, 1, 60)
	return r, err
}

// newFilter compiles rules; those that are off are left out. Its error is a refusal of CodeInvalid without a Field.
func newFilter(rules []Rule) (*filter, error) { return &filter{rules: rules}, nil }

// judge returns what the rules about words, patterns and links find in a text, one match of a rule at most, the
// strictest rules first. The links are the absolute addresses that the text links to (see Markup). A nil filter finds
// nothing.
func (f *filter) judge(text string, links []string) []Match { return nil }
