namespace faultline::tools {}
